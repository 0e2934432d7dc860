// Verify is a verifier of the ledger that shares no code with agentaudit: notes and the tree
// are those of golang.org/x/mod. It reads one document from standard input,
//
//	{"vkey": …, "checkpoint": …,
//	 "inclusion": [{"index": …, "entry": base64, "proof": [base64 …]} …],
//	 "consistency": {"old_checkpoint": …, "proof": [base64 …]}}
//
// whose consistency may be absent, or
//
//	{"vkey": …, "tiles": {"directory": …, "leaves": [index …], "old_checkpoint": …}}
//
// where the checkpoint, the entries and all proofs come from the files of the directory (C2SP
// tlog-tiles). It exits with 0 if all of it is proved. Otherwise it says on standard output
// what is not, and exits with 1.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

type tiles struct {
	Directory     string  `json:"directory"`
	Leaves        []int64 `json:"leaves"`
	OldCheckpoint string  `json:"old_checkpoint"`
}

type document struct {
	Vkey        string       `json:"vkey"`
	Checkpoint  string       `json:"checkpoint"`
	Inclusion   []inclusion  `json:"inclusion"`
	Consistency *consistency `json:"consistency"`
	Tiles       *tiles       `json:"tiles"`
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

const tileHeight = 8

// A directory of tiles. C2SP's tlog-tiles leave out the height that is in the paths of
// golang.org/x/mod: tile/<L>/<N> for tile/8/<L>/<N>.
type directory string

func (d directory) read(tile tlog.Tile, below string) ([]byte, error) {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/%d/", tileHeight, tile.L))
	return os.ReadFile(filepath.Join(string(d), "tile", below, path))
}

func (d directory) Height() int { return tileHeight }

func (d directory) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		bytes, err := d.read(tile, strconv.Itoa(tile.L))
		if err != nil {
			return nil, err
		}
		read = append(read, bytes)
	}
	return read, nil
}

func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}

// The entry of a leaf: a bundle is a list of them, each after its length in two bytes.
func (d directory) entry(index, size int64) ([]byte, error) {
	tile := tlog.Tile{H: tileHeight, N: index >> tileHeight, W: 1 << tileHeight}
	if rest := size - tile.N<<tileHeight; rest < int64(tile.W) {
		tile.W = int(rest)
	}
	bundle, err := d.read(tile, "entries")
	if err != nil {
		return nil, err
	}
	for i := tile.N << tileHeight; len(bundle) >= 2; i++ {
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		if end > len(bundle) {
			break
		}
		if i == index {
			return bundle[2:end], nil
		}
		bundle = bundle[end:]
	}
	return nil, errors.New("the bundle has no such entry")
}

func verifyTiles(tiles *tiles, verifier note.Verifier) error {
	from := directory(tiles.Directory)
	text, err := os.ReadFile(filepath.Join(tiles.Directory, "checkpoint"))
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	tree, err := open(string(text), verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	// It checks tiles against the root, though not every one in a small tree; the proofs that
	// are made of them are checked below.
	hashes := tlog.TileHashReader(tlog.Tree{N: tree.size, Hash: tree.root}, from)
	for _, index := range tiles.Leaves {
		proof, err := tlog.ProveRecord(tree.size, index, hashes)
		if err != nil {
			return fmt.Errorf("tiles for %d: %w", index, err)
		}
		entry, err := from.entry(index, tree.size)
		if err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		hash := tlog.RecordHash(entry)
		inTile, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return fmt.Errorf("tiles for %d: %w", index, err)
		}
		if inTile[0] != hash {
			return fmt.Errorf("entry %d: its tile has the hash of another", index)
		}
		if err := tlog.CheckRecord(proof, tree.size, tree.root, index, hash); err != nil {
			return fmt.Errorf("inclusion of %d: %w", index, err)
		}
	}
	old, err := open(tiles.OldCheckpoint, verifier)
	if err != nil {
		return fmt.Errorf("old checkpoint: %w", err)
	}
	proof, err := tlog.ProveTree(tree.size, old.size, hashes)
	if err != nil {
		return fmt.Errorf("tiles for %d: %w", old.size, err)
	}
	if err := tlog.CheckTree(proof, tree.size, tree.root, old.size, old.root); err != nil {
		return fmt.Errorf("consistency: %w", err)
	}
	return nil
}

func verify(doc *document) error {
	verifier, err := note.NewVerifier(doc.Vkey)
	if err != nil {
		return fmt.Errorf("vkey: %w", err)
	}
	if doc.Tiles != nil {
		return verifyTiles(doc.Tiles, verifier)
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
