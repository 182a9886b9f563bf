package probe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

var errProtocol = errors.New("the answer is no HTTP")

// answer is what came back whole.
type answer struct {
	status    int
	text      []byte
	truncated bool
	peer      string
}

// exchange sends the prepared request once and reads the whole answer until the deadline.
func (p *path) exchange(deadline time.Time) (got answer, fresh bool, err error) {
	c, fresh, err := p.pool.get(deadline)
	if err != nil {
		return got, fresh, err
	}
	got.peer = c.RemoteAddr().String()
	_ = c.SetDeadline(deadline)
	if _, err = c.Write(p.wire); err == nil {
		var again bool
		if again, err = p.read(c, &got); err == nil && again {
			p.pool.put(c)
			return got, fresh, nil
		}
	}
	_ = c.Close()
	return got, fresh, err
}

// read takes one answer from the connection; again says that the connection can carry another request.
func (p *path) read(c *connection, got *answer) (again bool, err error) {
	response, err := http.ReadResponse(c.reader, p.request)
	for err == nil && response.StatusCode >= 100 && response.StatusCode < 200 && response.StatusCode != 101 {
		response, err = http.ReadResponse(c.reader, p.request)
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
	got.status = response.StatusCode
	got.truncated = len(body) > BodyLimit
	got.text = body[:min(len(body), BodyLimit)]
	if p.header != "" {
		got.truncated = false
		got.text = []byte(strings.Join(response.Header.Values(p.header), " "))
	}
	return !response.Close && response.StatusCode != 101, nil
}

// orProtocol keeps what the network said and calls everything else a wrong answer.
func orProtocol(err error) error {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || classify(err) != "other" {
		return err
	}
	return fmt.Errorf("%w: %w", errProtocol, err)
}

// prepare writes the request down once: every request of a path is the same bytes.
func prepare(config PathConfig, keep bool) ([]byte, *http.Request, error) {
	var wire bytes.Buffer
	connection := "close"
	if keep {
		connection = "keep-alive"
	}
	fmt.Fprintf(&wire, "%s %s HTTP/1.1\r\nhost: %s\r\nconnection: %s\r\n", config.Method, config.Target, config.Authority, connection)
	if config.Method == "POST" || config.Method == "PUT" || config.Method == "PATCH" {
		wire.WriteString("content-length: 0\r\n")
	}
	for _, header := range config.Headers {
		if strings.ContainsAny(header[0]+header[1], "\r\n\x00") || header[0] == "" {
			return nil, nil, fmt.Errorf("header %q of path %s cannot be sent", header[0], config.ID)
		}
		fmt.Fprintf(&wire, "%s: %s\r\n", header[0], header[1])
	}
	wire.WriteString("\r\n")
	return wire.Bytes(), &http.Request{Method: config.Method}, nil
}
