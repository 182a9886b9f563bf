//go:build !unix

package probe

import "net"

// alive cannot be told without a peek: a closed connection is found by the request that is sent on it.
func alive(net.Conn, bool) bool { return true }
