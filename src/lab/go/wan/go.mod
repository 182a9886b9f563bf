module lab/wan

go 1.26.0
