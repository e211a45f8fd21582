// The contract of a trigger, the unit of which gates are made.
//
// A trigger describes itself as data. Binding it to the parameters of a rule, once, when the bundle is read, gives a
// check: an immutable, pure function from facts to findings. It sees no clock, store or network and keeps nothing.
// What a finding leads to, allowlists, and facts that are missing are the evaluator's work, not the check's.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/facts.h"
#include "policy/params.h"

namespace holdfast::policy {

enum class Lifecycle : std::uint8_t { kActive, kDeprecated, kEndOfLife };
[[nodiscard]] std::string_view LifecycleName(Lifecycle state);  // "active", "deprecated", "eol"

struct GateInfo {
  std::string_view name;  // lower case: "vulnerabilities"
  std::string_view help;
};

struct TriggerInfo {
  const GateInfo* gate = nullptr;  // never nullptr
  std::string_view name;           // lower case, unique in the gate
  std::string_view help;
  std::span<const ParamSpec> params;
  FactSet needs;  // the check runs only when the image offers them all
  Lifecycle state = Lifecycle::kActive;
  std::string_view superseded_by;  // empty: by nothing
  std::string_view alias;          // an old name that is still understood; may be empty
};

// One firing of a trigger.
struct Finding {
  // The trigger id that allowlists name: made of facts, so that it survives a reworded message.
  std::string key;
  std::string message;
  // Texts under which Anchore reported the same thing. Where it had no explicit id it made one of its message, and
  // allowlists that hold such an id go on working.
  std::vector<std::string> anchore_messages;
};

class FindingSink {
 public:
  virtual ~FindingSink() = default;
  virtual void Add(Finding finding) = 0;
};

class Check {
 public:
  virtual ~Check() = default;
  // Requires: `facts` offers what the trigger needs.
  virtual void Evaluate(const ImageFacts& facts, FindingSink& sink) const = 0;
};

struct Trigger {
  TriggerInfo info;
  // Parameters are valid one by one; kInvalidInput when they make no sense together.
  Result<std::unique_ptr<const Check>> (*bind)(const Params& params) = nullptr;
};

// The facts joined by '+': "CVE-2024-1+openssl". A fact of more than 160 bytes is cut and followed by the beginning
// of its SHA-256, so that keys stay short and different; line ends become blanks.
[[nodiscard]] std::string FactKey(std::initializer_list<std::string_view> facts);

// Anchore's id of a finding without an explicit one: hexadecimal MD5 of gate, trigger and message. A name, not a
// security measure.
[[nodiscard]] std::string AnchoreMessageId(std::string_view gate, std::string_view trigger, std::string_view message);

}  // namespace holdfast::policy
