package main

import (
	"fmt"
	"os"
	"strings"
)

// cursorFile keeps the id up to which everything has been written out.
type cursorFile struct{ path, saved string }

// load gives the kept cursor, empty where there is no file: then the subscriber has never been live.
func (file *cursorFile) load() (string, error) {
	content, err := os.ReadFile(file.path)
	if os.IsNotExist(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	file.saved = strings.TrimSpace(string(content))
	if file.saved == "" {
		// To begin anew would skip what was missed.
		return "", fmt.Errorf("%s is empty; remove it to begin with what happens from now on", file.path)
	}
	return file.saved, nil
}

// save replaces the file in one step that a power loss cannot halve.
func (file *cursorFile) save(cursor string) error {
	if cursor == file.saved {
		return nil
	}
	fresh, err := os.Create(file.path + ".new")
	if err != nil {
		return err
	}
	_, err = fresh.WriteString(cursor + "\n")
	if err == nil {
		err = fresh.Sync()
	}
	if closing := fresh.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(file.path+".new", file.path)
	}
	if err == nil {
		file.saved = cursor
	}
	return err
}

// output holds lines for standard output, which are out before the cursor behind them is kept.
type output struct {
	lines  strings.Builder
	isFile bool
}

func newOutput() (*output, error) {
	made := &output{}
	status, err := os.Stdout.Stat()
	if err != nil {
		return nil, err
	}
	made.isFile = status.Mode().IsRegular()
	if !made.isFile || status.Size() == 0 {
		return made, nil
	}
	// An earlier run may have been killed while it wrote: the rest of its line must not spoil ours.
	file, err := os.Open("/proc/self/fd/1")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, status.Size()-1); err != nil {
		return nil, err
	}
	if last[0] != '\n' {
		made.add("")
	}
	return made, nil
}

func (out *output) add(line string) {
	out.lines.WriteString(line)
	out.lines.WriteByte('\n')
}

// flush writes what was added, and to a file's disk.
func (out *output) flush() error {
	if out.lines.Len() == 0 {
		return nil
	}
	if _, err := os.Stdout.WriteString(out.lines.String()); err != nil {
		return err
	}
	out.lines.Reset()
	if out.isFile {
		return os.Stdout.Sync()
	}
	return nil
}
