module lab/mock

go 1.26.0
