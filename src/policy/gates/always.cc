#include "policy/gates/always.h"

#include <array>

namespace holdfast::policy {
namespace {

constexpr GateInfo kGate{.name = "always", .help = "Fires on every image; for trying out a bundle."};

constexpr TriggerInfo kAlways{.gate = &kGate, .name = "always", .help = "Fires on every image.", .params = {}};

class AlwaysCheck final : public Check {
 public:
  void Evaluate(const ImageFacts&, FindingSink& sink) const override {
    sink.Add({.key = "always", .message = "This rule fires on every image", .anchore_messages = {}});
  }
};

Result<std::unique_ptr<const Check>> BindAlways(const Params&) { return std::make_unique<const AlwaysCheck>(); }

constexpr std::array kTriggers = {Trigger{kAlways, &BindAlways}};

}  // namespace

std::span<const Trigger> AlwaysTriggers() { return kTriggers; }

}  // namespace holdfast::policy
