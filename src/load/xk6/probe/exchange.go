package probe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"
)

var errProtocol = errors.New("the answer is no HTTP")

// answer is what came back whole.
type answer struct {
	status int
	// text is what the chain is looked for in; truncated says that it is only the beginning.
	text      []byte
	truncated bool
	// body holds at most BodyLimit bytes; cut says that there were more.
	body    []byte
	cut     bool
	headers http.Header
	peer    string
}

// request is what every request of a path sends, until a header changes: for HTTP/1.1 the bytes of wire, for HTTP/2 http.
type request struct {
	wire []byte
	http *http.Request
}

// exchange sends the prepared request once and reads the whole answer until the deadline.
func (p *path) exchange(deadline time.Time) (got answer, fresh bool, err error) {
	if p.streams != nil {
		return p.streams.exchange(p, deadline)
	}
	c, fresh, err := p.pool.get(deadline)
	if err != nil {
		return got, fresh, err
	}
	got.peer = c.RemoteAddr().String()
	_ = c.SetDeadline(deadline)
	sent := p.request.Load()
	if _, err = c.Write(sent.wire); err == nil {
		var again bool
		if again, err = p.read(c, sent.http, &got); err == nil && again {
			p.pool.put(c)
			return got, fresh, nil
		}
	}
	_ = c.Close()
	return got, fresh, err
}

// read takes one answer from the connection; again says that the connection can carry another request.
func (p *path) read(c *connection, sent *http.Request, got *answer) (again bool, err error) {
	response, err := http.ReadResponse(c.reader, sent)
	for err == nil && response.StatusCode >= 100 && response.StatusCode < 200 && response.StatusCode != 101 {
		response, err = http.ReadResponse(c.reader, sent)
	}
	if err != nil {
		return false, orProtocol(err)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, BodyLimit+1))
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
	}
	if err != nil {
		return false, orProtocol(err)
	}
	_ = response.Body.Close()
	p.take(response, body, got)
	return !response.Close && response.StatusCode != 101, nil
}

// take keeps what a whole answer said; body is one byte longer than BodyLimit where there was more.
func (p *path) take(response *http.Response, body []byte, got *answer) {
	got.status = response.StatusCode
	got.headers = response.Header
	got.cut = len(body) > BodyLimit
	got.body = body[:min(len(body), BodyLimit)]
	got.text, got.truncated = got.body, got.cut
	if p.config.Grpc {
		// Trailers are told as headers are, and no chain is looked for in a message.
		maps.Copy(got.headers, response.Trailer)
		got.text, got.truncated = nil, false
	}
	if p.header != "" {
		got.text, got.truncated = []byte(strings.Join(got.headers.Values(p.header), " ")), false
	}
}

// orProtocol keeps what the network said and calls everything else a wrong answer.
func orProtocol(err error) error {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || classify(err) != "other" {
		return err
	}
	return fmt.Errorf("%w: %w", errProtocol, err)
}

// prepare writes the request down once: every request of a path is the same bytes until a header changes.
func prepare(config PathConfig, keep bool) (*request, error) {
	var wire bytes.Buffer
	connection := "close"
	if keep {
		connection = "keep-alive"
	}
	fmt.Fprintf(&wire, "%s %s HTTP/1.1\r\nhost: %s\r\nconnection: %s\r\n", config.Method, config.Target, config.Authority, connection)
	if len(config.Body) > 0 || config.Method == "POST" || config.Method == "PUT" || config.Method == "PATCH" {
		fmt.Fprintf(&wire, "content-length: %d\r\n", len(config.Body))
	}
	headers := http.Header{}
	for _, header := range config.Headers {
		value, ok := latin1(header[1])
		if !ok || strings.ContainsAny(header[0]+header[1], "\r\n\x00") || header[0] == "" {
			return nil, fmt.Errorf("header %q of path %s cannot be sent", header[0], config.ID)
		}
		fmt.Fprintf(&wire, "%s: %s\r\n", header[0], value)
		headers.Add(header[0], value)
	}
	wire.WriteString("\r\n")
	wire.Write(config.Body)
	if !config.HTTP2 {
		return &request{wire: wire.Bytes(), http: &http.Request{Method: config.Method}}, nil
	}
	sent, err := message(config, headers)
	return &request{http: sent}, err
}

// latin1 is how a header's value goes over the wire; false where it has characters that no header can have.
func latin1(value string) (string, bool) {
	bytes := make([]byte, 0, len(value))
	for _, r := range value {
		if r > 0xff {
			return "", false
		}
		bytes = append(bytes, byte(r))
	}
	return string(bytes), true
}
