package main

import (
	"net/http"
	"strconv"
	"time"
)

// failure makes the service answer with another status than 200, at once or from a moment on. It is no part of the vendor's
// page, whose service never fails by itself; without its variables nothing changes.
type failure struct {
	status int
	from   time.Time
}

// failureOf reads the variables status (of HTTP) and status_after (a duration since the start, such as 20s).
func failureOf(status, after string, start time.Time) failure {
	code, err := strconv.Atoi(status)
	if err != nil || code < 100 || code > 999 {
		return failure{status: http.StatusOK}
	}
	delay, err := time.ParseDuration(after)
	if err != nil {
		delay = 0
	}
	return failure{status: code, from: start.Add(delay)}
}

func (f failure) statusAt(now time.Time) int {
	if now.Before(f.from) {
		return http.StatusOK
	}
	return f.status
}
