package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"
)

const (
	requestID = "X-Request-Id"
	// answerIn names the header that the answer shall stand in, for drills of services that say so who served.
	answerIn = "X-Answer-In"
)

// service answers any path with its own segment and whatever its upstream says, with status 200 unless it fails by order. An upstream's
// error text is passed on verbatim, a transport error adds nothing, and only x-request-id is forwarded. Who asks for it has the answer
// in a header, and "ok" in its place.
type service struct {
	own      string
	upstream string
	client   *http.Client
	failure  failure
}

func newService(app, version, ip, upstream string) *service {
	if app == "" {
		app = "mock"
	}
	if u, err := url.Parse(upstream); err != nil || u.Host == "" {
		upstream = ""
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.DisableCompression = true
	transport.MaxIdleConnsPerHost = 64
	verbatim := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	own := fmt.Sprintf("-> %s(version: %s, ip: %s)", app, version, ip)
	client := &http.Client{Transport: transport, CheckRedirect: verbatim}
	return &service{own: own, upstream: upstream, client: client, failure: failure{status: http.StatusOK}}
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := s.own
	if s.upstream != "" {
		body += s.ask(r)
	}
	if name := r.Header.Get(answerIn); name != "" {
		w.Header().Set(name, body)
		body = "ok"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(s.failure.statusAt(time.Now()))
	if _, err := io.WriteString(w, body); err != nil {
		log.Print(err)
	}
}

// ask is what the upstream says to the request, and empty where it says nothing.
func (s *service) ask(r *http.Request) string {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, s.upstream, nil)
	if err != nil {
		log.Print(err)
		return ""
	}
	if id := r.Header.Get(requestID); id != "" {
		request.Header.Set(requestID, id)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		log.Print(err)
		return ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Print(err)
		return ""
	}
	return string(text)
}
