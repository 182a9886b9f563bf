package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func ask(t *testing.T, handler http.Handler, id string) string {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/any/path", nil)
	request.Header.Set(requestID, id)
	request.Header.Set("Cookie", "a=b")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		t.Errorf("status %d", recorder.Code)
	}
	return recorder.Body.String()
}

func TestChain(t *testing.T) {
	var header http.Header
	end := newService("mockc", "zone-b", "10.0.0.3", "")
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		end.ServeHTTP(w, r)
	}))
	defer upstream.Close()
	got := ask(t, newService("mockb", "zone-a", "10.0.0.2", upstream.URL), "id-1")
	if want := "-> mockb(version: zone-a, ip: 10.0.0.2)-> mockc(version: zone-b, ip: 10.0.0.3)"; got != want {
		t.Errorf("%q is not %q", got, want)
	}
	if header.Get(requestID) != "id-1" || header.Get("Cookie") != "" {
		t.Errorf("forwarded %v", header)
	}
}

func TestAnswerInAHeader(t *testing.T) {
	end := httptest.NewServer(newService("mockc", "zone-b", "10.0.0.3", ""))
	defer end.Close()
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set(answerIn, "x-served-by")
	recorder := httptest.NewRecorder()
	newService("mockb", "zone-a", "10.0.0.2", end.URL).ServeHTTP(recorder, request)
	want := "-> mockb(version: zone-a, ip: 10.0.0.2)-> mockc(version: zone-b, ip: 10.0.0.3)"
	if got := recorder.Header().Get("x-served-by"); got != want || recorder.Body.String() != "ok" {
		t.Errorf("%q, %q", got, recorder.Body.String())
	}
}

func TestErrorsOfTheUpstream(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "no healthy upstream")
	}))
	own := "-> mock(version: , ip: 10.0.0.2)"
	if got := ask(t, newService("", "", "10.0.0.2", upstream.URL), ""); got != own+"no healthy upstream" {
		t.Errorf("error text: %q", got)
	}
	upstream.Close()
	if got := ask(t, newService("", "", "10.0.0.2", upstream.URL), ""); got != own {
		t.Errorf("no answer: %q", got)
	}
	if got := ask(t, newService("", "", "10.0.0.2", "no url"), ""); got != own {
		t.Errorf("no address: %q", got)
	}
}

func TestFailureByOrder(t *testing.T) {
	start := time.Now()
	for _, c := range []struct {
		status, after string
		at            time.Duration
		want          int
	}{
		{"", "", time.Hour, 200},
		{"nonsense", "1s", time.Hour, 200},
		{"500", "", 0, 500},
		{"503", "20s", 19 * time.Second, 200},
		{"503", "20s", 20 * time.Second, 503},
	} {
		if got := failureOf(c.status, c.after, start).statusAt(start.Add(c.at)); got != c.want {
			t.Errorf("%q after %q at %v: %d is not %d", c.status, c.after, c.at, got, c.want)
		}
	}
	failing := newService("mockb", "zone-a", "10.0.0.2", "")
	failing.failure = failureOf("500", "", start)
	recorder := httptest.NewRecorder()
	failing.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	if recorder.Code != 500 || recorder.Body.String() != "-> mockb(version: zone-a, ip: 10.0.0.2)" {
		t.Errorf("%d %q", recorder.Code, recorder.Body.String())
	}
}
