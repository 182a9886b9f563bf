package probe

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestChainVectors(t *testing.T) {
	text, err := os.ReadFile("../../chain-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Hop, Text, Rest string
		Hops            []Hop
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		parser, err := CompileChain(v.Hop)
		if err != nil {
			t.Fatal(err)
		}
		if got := parser.Parse(v.Text); got.Rest != v.Rest || !reflect.DeepEqual(got.Hops, v.Hops) {
			t.Errorf("%q by %q gave %q", v.Text, v.Hop, got)
		}
	}
	if len(vectors) == 0 {
		t.Error("no vectors")
	}
}

func TestChainLimits(t *testing.T) {
	parser, _ := CompileChain("-> {service}(version: {zone}, ip: {ip})")
	one := "-> a(version: z, ip: 1)"
	many := parser.Parse(strings.Repeat(one, 65))
	if len(many.Hops) != 64 || many.Rest != one {
		t.Errorf("65 hops gave %d and %q", len(many.Hops), many.Rest)
	}
	if rest := parser.Parse(strings.Repeat("e", 1000)).Rest; len(rest) != 256 {
		t.Errorf("rest has %d characters", len(rest))
	}
	long := "-> " + strings.Repeat("x", 254) + "(version: z, ip: 1)"
	if len(parser.Parse(long).Hops) != 0 {
		t.Error("a value of 254 characters was taken")
	}
}

func TestTemplatesThatCannotBeReadBack(t *testing.T) {
	for _, hop := range []string{"", "{service}", "{zone}", "{service}{zone}", "{service} {zone} {service}", "{service} {zone} {ip} {ip}"} {
		if _, err := CompileChain(hop); err == nil {
			t.Errorf("%q was taken", hop)
		}
	}
}

func TestBookSharesIndexes(t *testing.T) {
	var lines []string
	parser, _ := CompileChain("{service}@{zone}")
	book := NewBook(parser, func(line []byte) { lines = append(lines, string(line)) })
	a, b, same := book.Index([]byte("a@x"), false), book.Index([]byte("b@x"), false), book.Index([]byte(" a@x\n"), false)
	if a != 0 || b != 1 || same != 0 || book.Index([]byte("a@x"), false) != 0 {
		t.Errorf("indexes %d %d %d", a, b, same)
	}
	if len(lines) != 2 || lines[0] != "{\"chain\":0,\"hops\":[[\"a\",\"x\",\"\"]],\"rest\":\"\"}\n" {
		t.Errorf("lines %q", lines)
	}
	book.Index([]byte("a@x"), true)
	if len(lines) != 3 || !strings.Contains(lines[2], "truncated at 65536 bytes") {
		t.Errorf("a truncated body gave %q", lines[2:])
	}
}
