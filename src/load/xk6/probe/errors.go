package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"golang.org/x/net/http2"
)

// The machine of the generator ran out of something: nothing was said about the target.
var shortages = map[syscall.Errno]string{
	syscall.EMFILE: "EMFILE", syscall.ENFILE: "ENFILE", syscall.ENOBUFS: "ENOBUFS", syscall.ENOMEM: "ENOMEM",
	syscall.EADDRNOTAVAIL: "EADDRNOTAVAIL",
}

var words = map[syscall.Errno]string{
	syscall.ETIMEDOUT: "timeout", syscall.ECONNREFUSED: "refused", syscall.ECONNRESET: "reset",
	syscall.ECONNABORTED: "reset", syscall.EPIPE: "reset", syscall.EHOSTUNREACH: "unreachable",
	syscall.ENETUNREACH: "unreachable", syscall.EHOSTDOWN: "unreachable", syscall.ENETDOWN: "unreachable",
}

// classify sorts an error into the words of a request record; "local:CODE" is a shortage on this machine.
func classify(err error) string {
	var errno syscall.Errno
	var dns *net.DNSError
	var patience net.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &patience) && patience.Timeout():
		return "timeout"
	case errors.As(err, &errno):
		if code, local := shortages[errno]; local {
			return "local:" + code
		}
		if word, known := words[errno]; known {
			return word
		}
	case errors.As(err, &dns):
		return "dns"
	case isTLS(err):
		return "tls"
	case errors.Is(err, errNoHTTP2):
		return "protocol"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed"
	case errors.Is(err, errProtocol):
		return "protocol"
	}
	return ofHTTP2(err)
}

// messageLimit is how many bytes of an error's words are told; the harness makes them fit for people.
const messageLimit = 1024

// messageOf is what an error says of itself; empty where only the own deadline has passed.
func messageOf(err error) string {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return ""
	}
	message := err.Error()
	return message[:min(len(message), messageLimit)]
}

func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var invalid *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	// Over TCP an alert of the other side is an unexported error in one of these (crypto/tls, conn.go).
	var told *net.OpError
	if errors.As(err, &told) && (told.Op == "remote error" || told.Op == "local error") {
		return true
	}
	return errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &invalid) ||
		errors.As(err, &authority) || errors.As(err, &name)
}

// ofHTTP2 tells a stream that the server broke off from a connection that is gone, as its transport words them.
func ofHTTP2(err error) string {
	var stream http2.StreamError
	var goAway http2.GoAwayError
	var connection http2.ConnectionError
	switch {
	case errors.As(err, &stream):
		return "reset"
	case errors.As(err, &connection):
		return "protocol"
	case errors.As(err, &goAway), strings.Contains(err.Error(), "client conn"), strings.Contains(err.Error(), "GOAWAY"):
		return "closed"
	}
	return "other"
}
