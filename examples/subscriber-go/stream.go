package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An event has up to 256 KiB of data and its resources; a line that is far longer is not the hub's.
const longestLine = 4 << 20

// block is one event of a stream, or one of the hub's own.
type block struct {
	event, id, data string
	retry           time.Duration
}

// eventParser turns the bytes of a stream into blocks (WHATWG HTML, "Interpreting an event stream"). A block counts
// only when it is whole: one that was cut comes again, because its id was not taken either.
type eventParser struct {
	rest    []byte
	fields  map[string]string
	started bool
}

// feed gives the blocks that are complete with these bytes, and whether a line is longer than any of the hub's.
func (parser *eventParser) feed(data []byte) (blocks []block, tooLong bool) {
	parser.rest = append(parser.rest, data...)
	if !parser.started && len(parser.rest) >= 3 {
		parser.rest = bytes.TrimPrefix(parser.rest, []byte("\ufeff"))
		parser.started = true
	}
	for {
		end := bytes.IndexAny(parser.rest, "\r\n")
		// A carriage return at the end may be the first half of a line's end.
		if end < 0 || parser.rest[end] == '\r' && end+1 == len(parser.rest) {
			return blocks, len(parser.rest) > longestLine
		}
		next := end + 1
		if bytes.HasPrefix(parser.rest[end:], []byte("\r\n")) {
			next++
		}
		line := strings.ToValidUTF8(string(parser.rest[:end]), "\ufffd")
		parser.rest = parser.rest[next:]
		if line != "" {
			parser.field(line)
		} else if parser.fields != nil {
			blocks = append(blocks, newBlock(parser.fields))
			parser.fields = nil
		}
	}
}

func (parser *eventParser) field(line string) {
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	if parser.fields == nil {
		parser.fields = map[string]string{}
	}
	if before, ok := parser.fields[name]; ok && name == "data" {
		value = before + "\n" + value
	}
	parser.fields[name] = value
}

func newBlock(fields map[string]string) block {
	made := block{event: fields["event"], id: fields["id"], data: fields["data"]}
	if made.event == "" {
		made.event = "message"
	}
	if retry, err := strconv.ParseUint(fields["retry"], 10, 31); err == nil {
		made.retry = time.Duration(retry) * time.Millisecond
	}
	return made
}

// retryAfter is how long to wait at least; RFC 9110 allows a number of seconds or a date.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil && time.Until(date) > 0 {
		return time.Until(date)
	}
	return 0
}

// problem is what application/problem+json says was wrong.
func problem(answer *http.Response) string {
	var said struct{ Detail string }
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err == nil && json.Unmarshal(body, &said) == nil && said.Detail != "" {
		return said.Detail
	}
	return http.StatusText(answer.StatusCode)
}
