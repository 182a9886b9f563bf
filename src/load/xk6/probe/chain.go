package probe

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
)

// Limits of a chain, in UTF-16 units as on the harness's side.
const (
	restLimit  = 256
	hopLimit   = 64
	valueLimit = 253
)

// Hop is one service of a call chain: service, zone and address.
type Hop [3]string

// Chain is what a response text said, parsed; Rest is empty when nothing was left over.
type Chain struct {
	Hops []Hop
	Rest string
}

type slot struct {
	name int
	tail []uint16
}

// ChainParser reads chains by a hop template. The rules are those of the harness's own parser; chain-vectors.json tests both.
type ChainParser struct {
	lead  []uint16
	slots []slot
}

var placeholder = regexp.MustCompile(`\{(service|zone|ip)\}`)

// CompileChain compiles a hop template such as "-> {service}(version: {zone}, ip: {ip})".
func CompileChain(template string) (*ChainParser, error) {
	text := strings.TrimSpace(template)
	found := placeholder.FindAllStringSubmatchIndex(text, -1)
	names := map[string]int{"service": 0, "zone": 1, "ip": 2}
	parser := &ChainParser{lead: units(text)}
	seen := [3]int{}
	for i, at := range found {
		end := len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		name := names[text[at[2]:at[3]]]
		seen[name]++
		tail := text[at[1]:end]
		if tail == "" && i+1 < len(found) {
			return nil, fmt.Errorf("the hop template %q has nothing between two placeholders", template)
		}
		parser.slots = append(parser.slots, slot{name, units(tail)})
	}
	if seen[0] != 1 || seen[1] != 1 || seen[2] > 1 {
		return nil, errors.New("the hop template needs {service} and {zone} once, and {ip} at most once")
	}
	parser.lead = units(text[:found[0][0]])
	return parser, nil
}

// Parse never fails: what does not match the template is Rest.
func (p *ChainParser) Parse(text string) Chain {
	chain := Chain{Hops: []Hop{}}
	in := units(text)
	at := skipSpace(in, 0)
	for at < len(in) && len(chain.Hops) < hopLimit {
		hop, end := p.scan(in, at)
		if end < 0 {
			break
		}
		chain.Hops = append(chain.Hops, hop)
		at = skipSpace(in, end)
	}
	chain.Rest = string(utf16.Decode(in[at:min(len(in), at+restLimit)]))
	return chain
}

func (p *ChainParser) scan(in []uint16, at int) (Hop, int) {
	var hop Hop
	if !begins(in, at, p.lead) {
		return hop, -1
	}
	from := at + len(p.lead)
	for _, s := range p.slots {
		open := len(s.tail) == 0
		stop := s.tail
		if open {
			stop = p.lead
		}
		to := valueEnd(in, from, stop, open)
		if to < 0 {
			return hop, -1
		}
		hop[s.name] = string(utf16.Decode(in[from:to]))
		from = to + len(s.tail)
	}
	return hop, from
}

// valueEnd says where the value that begins at from ends: before stop or, when open, also before white space and the end.
func valueEnd(in []uint16, from int, stop []uint16, open bool) int {
	limit := min(len(in), from+valueLimit)
	to := from
	for to < limit && !isSpace(in[to]) && !stopsAt(in, to, stop) {
		to++
	}
	if to == from {
		return -1
	}
	if stopsAt(in, to, stop) || (open && (to == len(in) || isSpace(in[to]))) {
		return to
	}
	return -1
}

func stopsAt(in []uint16, at int, stop []uint16) bool {
	return len(stop) > 0 && begins(in, at, stop)
}

func begins(in []uint16, at int, what []uint16) bool {
	if len(in)-at < len(what) {
		return false
	}
	for i, unit := range what {
		if in[at+i] != unit {
			return false
		}
	}
	return true
}

func skipSpace(in []uint16, at int) int {
	for at < len(in) && isSpace(in[at]) {
		at++
	}
	return at
}

func isSpace(unit uint16) bool {
	return unit == 32 || (unit >= 9 && unit <= 13)
}

func units(text string) []uint16 {
	return utf16.Encode([]rune(text))
}

func cut(text []uint16) string {
	return string(utf16.Decode(text[:min(len(text), restLimit)]))
}
