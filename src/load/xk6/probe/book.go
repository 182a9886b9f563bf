package probe

import (
	"encoding/json"
	"fmt"
	"sync"
)

// BodyLimit is how many bytes of a body are looked at; the rest is read and thrown away.
const BodyLimit = 65536

const (
	chainLimit    = 10000
	textSizeLimit = 8 << 20
	memoTextLimit = 1024
)

// Book gives every distinct chain an index. announce is called once for each, before its index is returned.
type Book struct {
	parser   *ChainParser
	announce func(line []byte)
	mu       sync.RWMutex
	byText   map[string]int
	byChain  map[string]int
	size     int
	count    int
	overflow int
}

// NewBook opens an empty book.
func NewBook(parser *ChainParser, announce func(line []byte)) *Book {
	return &Book{parser: parser, announce: announce, byText: map[string]int{}, byChain: map[string]int{}, overflow: -1}
}

// Index is the index of the chain in a response text; truncated says that the text is only the beginning of the body.
func (b *Book) Index(text []byte, truncated bool) int {
	if !truncated {
		b.mu.RLock()
		index, known := b.byText[string(text)]
		b.mu.RUnlock()
		if known {
			return index
		}
	}
	return b.learn(string(text), truncated)
}

func (b *Book) learn(text string, truncated bool) int {
	chain := b.parser.Parse(text)
	if truncated {
		rest := units(fmt.Sprintf("[body truncated at %d bytes] ", BodyLimit) + chain.Rest)
		chain.Rest = cut(rest)
	}
	key, err := json.Marshal(chain)
	if err != nil {
		key = []byte(text)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	index, known := b.byChain[string(key)]
	if !known {
		index = b.add(chain, string(key))
	}
	if !truncated && len(text) <= memoTextLimit && len(b.byText) < chainLimit {
		b.byText[text] = index
	}
	return index
}

func (b *Book) add(chain Chain, key string) int {
	if b.count >= chainLimit || b.size+len(key) > textSizeLimit {
		if b.overflow < 0 {
			b.overflow = b.append(Chain{Hops: []Hop{}, Rest: "too many distinct chains"})
		}
		return b.overflow
	}
	b.size += len(key)
	index := b.append(chain)
	b.byChain[key] = index
	return index
}

func (b *Book) append(chain Chain) int {
	index := b.count
	b.count++
	line, err := json.Marshal(struct {
		Chain int    `json:"chain"`
		Hops  []Hop  `json:"hops"`
		Rest  string `json:"rest"`
	}{index, chain.Hops, chain.Rest})
	if err == nil {
		b.announce(append(line, '\n'))
	}
	return index
}
