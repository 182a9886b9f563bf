package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

var errNoHTTP2 = errors.New("the gateway does not choose HTTP/2 by ALPN")

// streams sends the requests of one path over HTTP/2, each once: a connection of http2 repeats nothing by itself, only its
// transport does, which is not asked. A kept connection carries as many requests at once as its server takes.
type streams struct {
	pool *pool
	mu   sync.Mutex
	open []*http2.ClientConn
}

// No compression: every request says what the scenario says.
var transport = &http2.Transport{AllowHTTP: true, DisableCompression: true}

// get gives a connection on which a stream is reserved; fresh says that it was opened for it.
func (s *streams) get(deadline time.Time) (c *http2.ClientConn, peer string, fresh bool, err error) {
	if known := s.reserve(); known != nil {
		return known, "", false, nil
	}
	plain, err := s.pool.open(deadline)
	if err != nil {
		return nil, "", true, err
	}
	if s.pool.secure != nil && plain.protocol != "h2" {
		_ = plain.Close()
		return nil, "", true, errNoHTTP2
	}
	_ = plain.SetDeadline(time.Time{})
	if c, err = transport.NewClientConn(plain.Conn); err != nil {
		_ = plain.Close()
		return nil, "", true, err
	}
	c.ReserveNewRequest()
	if s.pool.keep {
		s.mu.Lock()
		s.open = append(s.open, c)
		s.mu.Unlock()
	}
	return c, plain.RemoteAddr().String(), true, nil
}

// reserve finds a kept connection that takes one more request, and forgets those that take none any more.
func (s *streams) reserve() *http2.ClientConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found *http2.ClientConn
	kept := s.open[:0]
	for _, c := range s.open {
		if state := c.State(); state.Closed || state.Closing {
			continue
		}
		kept = append(kept, c)
		if found == nil && c.ReserveNewRequest() {
			found = c
		}
	}
	s.open = kept
	return found
}

// exchange sends the prepared request once and reads the whole answer until the deadline.
func (s *streams) exchange(p *path, deadline time.Time) (got answer, fresh bool, err error) {
	c, peer, fresh, err := s.get(deadline)
	got.peer = peer
	if err != nil {
		return got, fresh, err
	}
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	err = p.readStream(ctx, c, &got)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
		// Nobody knows whether an answer can still come on a connection that was silent: no other request goes over it.
		c.SetDoNotReuse()
	}
	if !s.pool.keep {
		_ = c.Close()
	}
	return got, fresh, err
}

func (p *path) readStream(ctx context.Context, c *http2.ClientConn, got *answer) error {
	sent := p.request.Load().http.Clone(ctx)
	if len(p.config.Body) > 0 {
		sent.Body = io.NopCloser(bytes.NewReader(p.config.Body))
	}
	response, err := c.RoundTrip(sent)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, BodyLimit+1))
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
	}
	if err == nil {
		p.take(response, body, got)
	}
	return err
}

// message is the request as http2 takes it. The empty User-Agent keeps Go's own away.
func message(config PathConfig, headers http.Header) (*http.Request, error) {
	scheme := "http"
	if config.TLS {
		scheme = "https"
	}
	target, err := url.ParseRequestURI(config.Target)
	if err != nil {
		return nil, fmt.Errorf("the target of path %s cannot be sent: %w", config.ID, err)
	}
	target.Scheme, target.Host = scheme, config.Authority
	if _, own := headers["User-Agent"]; !own {
		headers["User-Agent"] = []string{""}
	}
	return &http.Request{Method: config.Method, URL: target, Host: config.Authority, Header: headers, ContentLength: int64(len(config.Body))}, nil
}
