// What this library signs and proves is accepted by a verifier that shares no code with it
// (verify.go), and nothing that was changed is.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agentaudit/store/sqlite_store.h"
#include "independent/independent_verifier.h"
#include "ledger/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/leaf.h"
#include "ledger/merkle_tree.h"
#include "ledger/reference_tree.h"
#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

constexpr std::uint64_t largest_tree = 66'000;

std::string entry_of(std::uint64_t index) {
  Event event;
  event.id = static_cast<EventId>(index + 1);
  event.timestamp = Timestamp::from_ns(1'000 + static_cast<std::int64_t>(index));
  event.category = "tool_call";
  event.action = "execute";
  event.agent = "ada";
  event.status = "ok";
  event.summary = "call " + std::to_string(index);
  const std::string nonce(nonce_bytes, static_cast<char>(index));
  std::string entry;
  append_entry(entry, event, event.timestamp, commitments_of(event, nonce));
  return entry;
}

const ReferenceTree& tree() {
  static const ReferenceTree events = [] {
    std::vector<Hash> leaves;
    for (std::uint64_t i = 0; i < largest_tree; ++i) leaves.push_back(leaf_hash(entry_of(i)));
    return ReferenceTree(std::move(leaves));
  }();
  return events;
}

const NoteSigner& signer() {
  static const NoteSigner key = NoteSigner::generate("build-7.example").value();
  return key;
}

std::string base64_of(const Hash& hash) {
  return to_base64({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

Json base64_of(const std::vector<Hash>& proof) {
  Json texts = Json::array();
  for (const Hash& hash : proof) texts.push_back(base64_of(hash));
  return texts;
}

std::string signed_checkpoint(std::uint64_t size, const Hash& root,
                              const NoteSigner& key = signer()) {
  return sign_checkpoint({.origin = "build-7.example/trail", .size = size, .root = root}, key)
      .value();
}

std::string signed_checkpoint(std::uint64_t size) {
  ReferenceReader reader(tree(), size);
  return signed_checkpoint(size, root_of(size, reader).value());
}

Json inclusion(std::uint64_t index, std::uint64_t size) {
  ReferenceReader reader(tree(), size);
  return {{"index", index},
          {"entry", to_base64(entry_of(index))},
          {"proof", base64_of(inclusion_proof(index, size, reader).value())}};
}

Json document(std::uint64_t old_size, std::uint64_t size,
              const std::vector<std::uint64_t>& indices) {
  ReferenceReader reader(tree(), size);
  Json proved = Json::array();
  for (const std::uint64_t index : indices) proved.push_back(inclusion(index, size));
  return {{"vkey", signer().verifier().to_text()},
          {"checkpoint", signed_checkpoint(size)},
          {"inclusion", proved},
          {"consistency",
           {{"old_checkpoint", signed_checkpoint(old_size)},
            {"proof", base64_of(consistency_proof(old_size, size, reader).value())}}}};
}

// Flips a bit of what the base64 stands for.
void flip(Json& base64, std::size_t byte) {
  std::string bytes = from_base64(base64.get<std::string>()).value();
  bytes[byte] = static_cast<char>(bytes[byte] ^ 0x10);
  base64 = to_base64(bytes);
}

TEST_F(IndependentVerifier, AcceptsProofsOfTreesOfAllShapes) {
  for (const std::uint64_t size : {1, 2, 3, 7, 8, 255, 256, 257, 513, 1000, 65'536, 66'000}) {
    std::vector<std::uint64_t> indices;
    for (const std::uint64_t index : {0, 1, 2, 6, 100, 255, 256, 500, 999, 65'535, 65'999}) {
      if (index < size) indices.push_back(index);
    }
    for (const std::uint64_t index : indices) {
      EXPECT_EQ(objection(document(index + 1, size, indices)), "") << index + 1 << " of " << size;
    }
  }
}

TEST_F(IndependentVerifier, AcceptsEveryLeafAndEveryBeginningOfASmallTree) {
  constexpr std::uint64_t size = 21;
  std::vector<std::uint64_t> indices;
  for (std::uint64_t index = 0; index < size; ++index) indices.push_back(index);
  for (const std::uint64_t index : indices) {
    EXPECT_EQ(objection(document(index + 1, size, indices)), "") << index + 1;
  }
}

TEST_F(IndependentVerifier, AcceptsTheCheckpointOfAnEmptyTree) {
  EXPECT_EQ(objection({{"vkey", signer().verifier().to_text()},
                       {"checkpoint", signed_checkpoint(0)},
                       {"inclusion", Json::array()}}),
            "");
}

// Each change, and how the objection to it begins.
TEST_F(IndependentVerifier, RejectsWhateverWasChanged) {
  const Json good = document(300, 1000, {500});
  ASSERT_EQ(objection(good), "");
  const Hash root = tree().root(1000);
  Hash other_root = root;
  other_root[5] ^= 1;
  const NoteSigner other_key = NoteSigner::generate("build-7.example").value();

  const auto expect = [&](const char* begins, const std::function<void(Json&)>& change) {
    Json changed = good;
    change(changed);
    ASSERT_NE(changed, good);
    EXPECT_EQ(objection(changed).substr(0, std::string_view(begins).size()), begins);
  };
  expect("vkey", [](Json& doc) { doc["vkey"].get_ref<std::string&>().back() = '!'; });
  expect("checkpoint", [&](Json& doc) { doc["vkey"] = other_key.verifier().to_text(); });
  expect("checkpoint",
         [&](Json& doc) { doc["checkpoint"] = signed_checkpoint(1000, root, other_key); });
  expect("checkpoint", [&](Json& doc) {
    Note note = parse_note(doc["checkpoint"].get<std::string>()).value();
    note.signatures[0].signature[7] ^= 1;
    doc["checkpoint"] = format_note(note).value();
  });
  expect("checkpoint", [&](Json& doc) {
    Note note = parse_note(doc["checkpoint"].get<std::string>()).value();
    Checkpoint body = parse_checkpoint(note.text).value();
    body.root = other_root;
    note.text = format_checkpoint(body).value();
    doc["checkpoint"] = format_note(note).value();
  });
  expect("inclusion", [&](Json& doc) { doc["checkpoint"] = signed_checkpoint(1000, other_root); });
  expect("inclusion", [](Json& doc) { doc["inclusion"][0]["index"] = 501; });
  expect("inclusion", [](Json& doc) { doc["inclusion"][0]["index"] = 1000; });
  expect("inclusion", [](Json& doc) { doc["inclusion"][0]["proof"].erase(0); });
  expect("inclusion", [&](Json& doc) { doc["inclusion"][0]["proof"].push_back(base64_of(root)); });
  expect("consistency", [](Json& doc) { doc["consistency"]["proof"].erase(0); });
  expect("consistency", [&](Json& doc) { doc["consistency"]["proof"].push_back(base64_of(root)); });
  expect("consistency", [&](Json& doc) {
    doc["consistency"]["old_checkpoint"] = signed_checkpoint(300, other_root);
  });
  expect("consistency",
         [&](Json& doc) { doc["consistency"]["old_checkpoint"] = signed_checkpoint(301); });
  expect("old checkpoint", [&](Json& doc) {
    doc["consistency"]["old_checkpoint"] = signed_checkpoint(300, tree().root(300), other_key);
  });
}

TEST_F(IndependentVerifier, RejectsEveryChangedHashOfAProofAndByteOfAnEntry) {
  const Json good = document(300, 1000, {500});
  for (std::size_t i = 0; i < good["inclusion"][0]["proof"].size(); ++i) {
    Json changed = good;
    flip(changed["inclusion"][0]["proof"][i], i % sizeof(Hash));
    EXPECT_EQ(objection(changed).substr(0, 9), "inclusion") << i;
  }
  for (std::size_t i = 0; i < good["consistency"]["proof"].size(); ++i) {
    Json changed = good;
    flip(changed["consistency"]["proof"][i], i % sizeof(Hash));
    EXPECT_EQ(objection(changed).substr(0, 11), "consistency") << i;
  }
  for (std::size_t i = 0; i < entry_of(500).size(); ++i) {
    Json changed = good;
    flip(changed["inclusion"][0]["entry"], i);
    EXPECT_EQ(objection(changed).substr(0, 9), "inclusion") << i;
  }
}

// From a file on disk to somebody else's verifier: nothing of ours in between but JSON.
TEST_F(IndependentVerifier, AcceptsTheEvidenceOfARealTrail) {
  const ScratchDirectory trail;
  SqliteStoreOptions options;
  options.signing_key = *signer().private_text();
  const auto store = SqliteStore::open(trail.path() / "audit.db", options).value();
  std::vector<Event> events(600);
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].category = "tool_call";
    events[i].summary = "call " + std::to_string(i);
  }
  ASSERT_TRUE(store->insert_batch(std::vector<EventView>(events.begin(), events.end())));
  ASSERT_TRUE(store->redact({.id = 300, .detail = true}));
  ASSERT_TRUE(store->checkpoint());
  const Json bundle = Json::parse(store->bundle({.ids = {1, 256, 300, 600}}).value());
  Json proved = {{"vkey", signer().verifier().to_text()},
                 {"checkpoint", bundle["checkpoint"]},
                 {"inclusion", Json::array()}};
  for (const Json& event : bundle["events"]) {
    proved["inclusion"].push_back({{"index", event["event"]["id"].get<int>() - 1},
                                   {"entry", event["entry"]},
                                   {"proof", event["proof"]}});
  }
  EXPECT_EQ(objection(proved), "");
  flip(proved["inclusion"][2]["entry"], 40);
  EXPECT_EQ(objection(proved).substr(0, 9), "inclusion");
}

}  // namespace
}  // namespace agentaudit
