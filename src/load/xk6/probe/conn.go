package probe

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"sync"
	"time"
)

// connection is one connection; with HTTP/1.1 it is used by one request at a time.
type connection struct {
	net.Conn
	// protocol is what ALPN has chosen; empty without TLS, and where it has chosen nothing.
	protocol string
	plain    net.Conn
	reader   *bufio.Reader
}

// pool opens connections to one address and keeps those that can be used again. Nothing is ever sent a second time.
type pool struct {
	host, port string
	secure     *tls.Config
	keep       bool
	mu         sync.Mutex
	idle       []*connection
}

func newPool(path PathConfig, keep bool, secure *tls.Config) *pool {
	return &pool{host: path.Host, port: path.Port, keep: keep, secure: secure}
}

// secureConfig is how TLS is spoken on a path; nil where it is not.
func secureConfig(path PathConfig) (*tls.Config, error) {
	if !path.TLS {
		return nil, nil
	}
	offered := "http/1.1"
	if path.HTTP2 {
		offered = "h2"
	}
	secure := &tls.Config{ServerName: path.ServerName, NextProtos: []string{offered}, InsecureSkipVerify: path.Insecure}
	if path.CA != "" {
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM([]byte(path.CA)) {
			return nil, fmt.Errorf("faultline: the authority of path %s is no PEM certificate", path.ID)
		}
	}
	if path.Cert != "" {
		own, err := tls.X509KeyPair([]byte(path.Cert), []byte(path.Key))
		if err != nil {
			return nil, fmt.Errorf("faultline: the client certificate of path %s cannot be used: %w", path.ID, err)
		}
		// Shown to every server that asks, also to one that names other authorities: it says then what it does not like.
		secure.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil }
	}
	return secure, nil
}

// get gives a kept connection that is still open, or opens one; fresh says which.
func (p *pool) get(deadline time.Time) (c *connection, fresh bool, err error) {
	for c = p.take(); c != nil; c = p.take() {
		if alive(c.plain, p.secure != nil) {
			return c, false, nil
		}
		_ = c.Close()
	}
	c, err = p.open(deadline)
	return c, true, err
}

func (p *pool) take() *connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	c := p.idle[last]
	p.idle = p.idle[:last]
	return c
}

// put keeps a connection for the next request, or closes it where connections are not kept.
func (p *pool) put(c *connection) {
	if !p.keep || c.reader.Buffered() > 0 {
		_ = c.Close()
		return
	}
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
}

// open dials one address and no other, and proves the whole way: no TLS session is resumed.
func (p *pool) open(deadline time.Time) (*connection, error) {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	host := p.host
	if net.ParseIP(host) == nil {
		found, err := net.DefaultResolver.LookupHost(ctx, host)
		if err != nil {
			return nil, err
		}
		host = found[0]
	}
	plain, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(host, p.port))
	if err != nil {
		return nil, err
	}
	conn, protocol := plain, ""
	if p.secure != nil {
		secured := tls.Client(plain, p.secure)
		_ = secured.SetDeadline(deadline)
		if err := secured.Handshake(); err != nil {
			_ = plain.Close()
			return nil, err
		}
		conn, protocol = secured, secured.ConnectionState().NegotiatedProtocol
	}
	return &connection{Conn: conn, protocol: protocol, plain: plain, reader: bufio.NewReaderSize(conn, 4096)}, nil
}
