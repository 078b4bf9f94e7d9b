// A subscriber with the standard library alone that misses no event, whatever restarts: the hub, a proxy, itself.
//
//	MARTLET_URL=http://127.0.0.1:8080 ./subscriber post:1 'influencer:*'
//
// Each event is a line of JSON on standard output. How far it has come is kept in a file (-cursor), so that it goes
// on there when it is started again. README.md says what that guarantees.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const highestDelay = 30 * time.Second

// subscriber follows one stream through all its connections.
type subscriber struct {
	target string
	// The hub breaks every silence: where nothing at all comes for two and a half of them, the connection is dead.
	longestSilence time.Duration
	cursor         string
	cursorFile     *cursorFile
	output         *output
	retry          time.Duration
	failures       int
}

// away says that there is no stream for now; wait is what the hub asked to wait at least.
type away struct {
	reason string
	wait   time.Duration
}

func (error away) Error() string { return error.reason }

// run follows the stream until the context ends or something fails that would fail again.
func (s *subscriber) run(ctx context.Context) error {
	for {
		err := s.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		// A proxy whose hub was killed may end a stream as politely as a hub that is stopped.
		pause := away{reason: "the stream has ended"}
		if err != nil && !errors.As(err, &pause) {
			return err
		}
		// Full jitter, because all who were cut off together would come back together.
		bound := time.Second << s.failures
		if bound > highestDelay {
			bound = highestDelay
		}
		delay := pause.wait + time.Duration(rand.Int63n(int64(bound)))
		if delay < s.retry {
			delay = s.retry
		}
		if s.failures < 10 {
			s.failures++
		}
		say("%s; again in %.1f s", pause.reason, delay.Seconds())
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(delay):
		}
	}
}

// follow is one connection, from its request to its end.
func (s *subscriber) follow(ctx context.Context) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	watchdog := time.AfterFunc(s.longestSilence, end)
	defer watchdog.Stop()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.target, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Cache-Control", "no-cache")
	if s.cursor != "" {
		request.Header.Set("Last-Event-ID", s.cursor)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return away{reason: err.Error()}
	}
	defer answer.Body.Close()
	if err := s.check(answer); err != nil {
		return err
	}
	parser := eventParser{}
	buffer := make([]byte, 64<<10)
	for {
		count, err := answer.Body.Read(buffer)
		watchdog.Reset(s.longestSilence)
		blocks, tooLong := parser.feed(buffer[:count])
		if err := s.take(blocks); err != nil {
			return err
		}
		if tooLong {
			return away{reason: "the stream has a line without an end"}
		}
		if err != nil {
			return away{reason: "the stream has ended: " + err.Error()}
		}
	}
}

// check says what an answer means that is no stream.
func (s *subscriber) check(answer *http.Response) error {
	kind := answer.Header.Get("Content-Type")
	if answer.StatusCode == http.StatusOK && strings.HasPrefix(kind, "text/event-stream") {
		return nil
	}
	reason := fmt.Sprintf("%d %s: %s", answer.StatusCode, kind, problem(answer))
	switch answer.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
	default:
		// At the very first it is a mistake; later it may be the work of a proxy that is being changed, and passes.
		if answer.StatusCode >= 400 && answer.StatusCode < 500 && s.cursor == "" {
			return errors.New(reason)
		}
	}
	return away{reason: reason, wait: retryAfter(answer.Header.Get("Retry-After"))}
}

// take writes out the events of some blocks, and then keeps how far that is.
func (s *subscriber) take(blocks []block) error {
	kept := ""
	for _, block := range blocks {
		name := block.event
		if block.retry > 0 {
			s.retry = block.retry
		}
		if name == "reset" {
			// What was missed cannot be had any more. The state follows, and then `live` with a new cursor.
			s.cursor, kept = "", ""
			say("reset: %s", block.data)
			s.output.add(jsonLine(name, "", `{"data":`+block.data+"}"))
		} else if !isControl(name) && block.data != "" {
			s.output.add(jsonLine(name, block.id, block.data))
		}
		if block.id != "" {
			// It gets on, so the next wait is a short one, also for a reader that is cut off for being slow.
			s.cursor, kept, s.failures = block.id, block.id, 0
		}
	}
	if err := s.output.flush(); err != nil {
		return err
	}
	if kept == "" {
		return nil
	}
	return s.cursorFile.save(kept)
}

func isControl(name string) bool {
	switch name {
	case "connected", "reset", "live", "keepalive", "subscribed", "presence", "closing":
		return true
	}
	return false
}

// jsonLine is an event as one object. The hub's envelope goes in as it is, so that no number in it loses a digit.
func jsonLine(name, id, envelope string) string {
	// Neither a name nor an id has anything that JSON would escape.
	head := fmt.Sprintf(`{"id":"%s","event":"%s"`, id, name)
	if strings.HasSuffix(envelope, `"retained":true}`) {
		// State that a stream begins with has its id in the envelope.
		head = fmt.Sprintf(`{"event":"%s"`, name)
	} else if id == "" {
		head = fmt.Sprintf(`{"id":null,"event":"%s"`, name)
	}
	return head + "," + strings.ReplaceAll(envelope[1:], "\n", " ")
}

// say is a line for whoever watches.
func say(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "subscriber: "+format+"\n", arguments...)
}

func main() {
	path := flag.String("cursor", "subscriber.cursor", "the `file` that keeps how far the subscriber has come")
	keepalive := flag.Float64("keepalive", 20, "`seconds` of silence after which the hub gives a sign of life")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: subscriber [-cursor FILE] [-keepalive SECONDS] RESOURCE…")
		os.Exit(2)
	}
	if err := start(flag.Args(), *path, *keepalive); err != nil {
		say("%s", err)
		os.Exit(1)
	}
}

func start(resources []string, path string, keepalive float64) error {
	rand.Seed(time.Now().UnixNano())
	address := os.Getenv("MARTLET_URL")
	if address == "" {
		address = "http://127.0.0.1:8080"
	}
	query := url.Values{"resources": {strings.Join(resources, ",")}, "keepalive": {fmt.Sprint(keepalive)}}
	// A query of net/url has a plus for a space; to the hub a plus is a plus.
	encoded := strings.ReplaceAll(query.Encode(), "+", "%20")
	file := &cursorFile{path: path}
	cursor, err := file.load()
	if err != nil {
		return err
	}
	out, err := newOutput()
	if err != nil {
		return err
	}
	// What is being written is written before the end.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	s := &subscriber{
		target:         strings.TrimSuffix(address, "/") + "/stream?" + encoded,
		longestSilence: time.Duration(2.5 * keepalive * float64(time.Second)),
		cursor:         cursor,
		cursorFile:     file,
		output:         out,
		retry:          time.Second,
	}
	return s.run(ctx)
}
