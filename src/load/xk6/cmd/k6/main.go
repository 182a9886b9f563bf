// Command k6 is k6 with the JavaScript module k6/x/faultline built in.
package main

import (
	"go.k6.io/k6/v2/cmd"
	_ "xk6-faultline"
)

func main() {
	cmd.Execute()
}
