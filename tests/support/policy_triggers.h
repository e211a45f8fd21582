// A made-up gate "test" for tests of what surrounds the gates:
//   keys (old name "fire"; keys, pair)  fires for each element of `keys`; `pair` must not come with the key "lonely"
//   needy                               needs a Dockerfile and a feed
//   loud                                one finding with a long message, which Anchore called "old text"
//   retired                             at its end of life
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "policy/trigger.h"

namespace holdfast::test {

class KeysCheck final : public policy::Check {
 public:
  explicit KeysCheck(std::vector<std::string> keys) : keys_(std::move(keys)) {}
  void Evaluate(const policy::ImageFacts&, policy::FindingSink& sink) const override {
    for (const std::string& key : keys_) sink.Add({.key = key, .message = "fired: " + key, .anchore_messages = {}});
  }

 private:
  std::vector<std::string> keys_;
};

class LoudCheck final : public policy::Check {
 public:
  void Evaluate(const policy::ImageFacts&, policy::FindingSink& sink) const override {
    sink.Add({.key = "loud", .message = std::string(100'000, 'x'), .anchore_messages = {"old text"}});
  }
};

inline Result<std::unique_ptr<const policy::Check>> BindKeys(const policy::Params& params) {
  if (params.Text("keys") == "lonely" && params.Find("pair"))
    return Fail(ErrorKind::kInvalidInput, "'pair' cannot be with 'lonely'");
  return std::make_unique<const KeysCheck>(params.List("keys"));
}
inline Result<std::unique_ptr<const policy::Check>> BindNeedy(const policy::Params&) {
  return std::make_unique<const KeysCheck>(std::vector<std::string>{"needy"});
}
inline Result<std::unique_ptr<const policy::Check>> BindLoud(const policy::Params&) {
  return std::make_unique<const LoudCheck>();
}

inline std::span<const policy::Trigger> TestTriggers() {
  using policy::Fact;
  using policy::ParamSpec;
  static constexpr policy::GateInfo kGate{.name = "test", .help = "A gate for tests."};
  static constexpr std::array kParams = {
      ParamSpec{.name = "keys",
                .description = "What fires.",
                .example = "a,b",
                .required = true,
                .validator = policy::kTextList,
                .alias = "ids"},
      ParamSpec{.name = "pair", .description = "Not with everything.", .validator = policy::kBoolText}};
  static constexpr std::array kTriggers = {
      policy::Trigger{{.gate = &kGate, .name = "keys", .help = "Fires.", .params = kParams, .alias = "fire"},
                      &BindKeys},
      policy::Trigger{
          {.gate = &kGate, .name = "needy", .help = "Needs.", .params = {}, .needs = {Fact::kDockerfile, Fact::kFeed}},
          &BindNeedy},
      policy::Trigger{{.gate = &kGate, .name = "loud", .help = "Talks.", .params = {}}, &BindLoud},
      policy::Trigger{{.gate = &kGate,
                       .name = "retired",
                       .help = "Gone.",
                       .params = {},
                       .state = policy::Lifecycle::kEndOfLife,
                       .superseded_by = "keys"},
                      &BindNeedy}};
  return kTriggers;
}

}  // namespace holdfast::test
