// What the server's error codes mean: the kind for the caller, and what the driver can do about it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace holdfast::store::postgres {

enum class Recovery : std::uint8_t {
  kNone,       // the error goes to the caller
  kAgain,      // others were in the way: the transaction may succeed when it is done again
  kReplace,    // this connection is of no use any more, another one may be
  kServerGone  // nor are all others that were made before
};

struct Failure {
  Error error;
  Recovery recovery = Recovery::kNone;
};

// What the server said. Views must outlive the call only.
struct ServerMessage {
  std::string_view sqlstate;    // five characters; empty when the connection broke without a word
  std::string_view primary;     // its main sentence
  std::string_view constraint;  // that was broken
  std::string_view function;    // of the server's source that complained
};

// `writing`: the transaction is one that may write.
[[nodiscard]] Failure MakeFailure(std::string_view statement, const ServerMessage& message, bool writing);

}  // namespace holdfast::store::postgres
