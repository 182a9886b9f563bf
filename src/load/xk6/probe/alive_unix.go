//go:build unix

package probe

import (
	"net"
	"syscall"
)

// alive says whether an idle connection can carry a request: the peer has not closed it, and nothing unasked has come.
// Bytes on an idle TLS connection can be session tickets and say nothing.
func alive(conn net.Conn, secure bool) bool {
	raw, ok := conn.(syscall.Conn)
	if !ok {
		return true
	}
	control, err := raw.SyscallConn()
	if err != nil {
		return false
	}
	good := false
	// Not control.Read: that one fails once the deadline of the last request is over.
	err = control.Control(func(fd uintptr) {
		var one [1]byte
		n, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		good = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK || (secure && n > 0)
	})
	return err == nil && good
}
