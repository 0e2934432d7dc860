// Verify is a verifier of the ledger that shares no code with agentaudit: notes and the tree
// are those of golang.org/x/mod. It reads one document from standard input,
//
//	{"vkey": …, "checkpoint": …,
//	 "inclusion": [{"index": …, "entry": base64, "proof": [base64 …]} …],
//	 "consistency": {"old_checkpoint": …, "proof": [base64 …]}}
//
// whose consistency may be absent, and exits with 0 if all of it is proved. Otherwise it
// says on standard output what is not, and exits with 1.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Index int64       `json:"index"`
	Entry []byte      `json:"entry"`
	Proof []tlog.Hash `json:"proof"`
}

type consistency struct {
	OldCheckpoint string      `json:"old_checkpoint"`
	Proof         []tlog.Hash `json:"proof"`
}

type document struct {
	Vkey        string       `json:"vkey"`
	Checkpoint  string       `json:"checkpoint"`
	Inclusion   []inclusion  `json:"inclusion"`
	Consistency *consistency `json:"consistency"`
}

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

func read(in io.Reader) (*document, error) {
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	var doc document
	if err := decoder.Decode(&doc); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, errors.New("more than one document")
	}
	return &doc, nil
}

// The body is C2SP's tlog-checkpoint; tlog.ParseTree knows only one origin.
func open(text string, verifier note.Verifier) (*checkpoint, error) {
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return nil, errors.New("not an origin, a size and a root")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return nil, err
	}
	if size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fmt.Errorf("size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return nil, err
	}
	if size == 0 && root != sha256.Sum256(nil) {
		return nil, errors.New("an empty tree with another root")
	}
	return &checkpoint{lines[0], size, root}, nil
}

func verify(doc *document) error {
	verifier, err := note.NewVerifier(doc.Vkey)
	if err != nil {
		return fmt.Errorf("vkey: %w", err)
	}
	tree, err := open(doc.Checkpoint, verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	for _, leaf := range doc.Inclusion {
		hash := tlog.RecordHash(leaf.Entry)
		if err := tlog.CheckRecord(leaf.Proof, tree.size, tree.root, leaf.Index, hash); err != nil {
			return fmt.Errorf("inclusion of %d: %w", leaf.Index, err)
		}
	}
	if doc.Consistency == nil {
		return nil
	}
	old, err := open(doc.Consistency.OldCheckpoint, verifier)
	if err != nil {
		return fmt.Errorf("old checkpoint: %w", err)
	}
	if old.origin != tree.origin {
		return errors.New("old checkpoint: another origin")
	}
	err = tlog.CheckTree(doc.Consistency.Proof, tree.size, tree.root, old.size, old.root)
	if err != nil {
		return fmt.Errorf("consistency: %w", err)
	}
	return nil
}

func main() {
	doc, err := read(os.Stdin)
	if err != nil {
		err = fmt.Errorf("document: %w", err)
	} else {
		err = verify(doc)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
