package probe

import "time"

// The zero of this process's monotonic readings, and what the shared clock said then.
var (
	baseTime   = time.Now()
	baseMicros = sharedMicros()
)

// MicrosOf is a moment with a monotonic reading on the shared clock, in whole microseconds.
func MicrosOf(t time.Time) int64 {
	return baseMicros + t.Sub(baseTime).Microseconds()
}

// NowMicros is the present on the shared clock.
func NowMicros() int64 { return MicrosOf(time.Now()) }
