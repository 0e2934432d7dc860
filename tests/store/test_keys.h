// Keys for tests alone.
#pragma once

#include "ledger/note_signer.h"

namespace agentaudit {

inline const NoteSigner& own_key() {
  static const NoteSigner key = NoteSigner::generate("own.example").value();
  return key;
}

inline const NoteSigner& other_key() {
  static const NoteSigner key = NoteSigner::generate("other.example").value();
  return key;
}

}  // namespace agentaudit
