#include "policy/policy_spec.h"

#include <algorithm>
#include <vector>

#include "io/json.h"

namespace holdfast::policy {
namespace {

void WriteTextOrNull(io::JsonWriter& writer, std::string_view key, std::string_view text) {
  writer.Key(key);
  if (text.empty()) {
    writer.Null();
  } else {
    writer.String(text);
  }
}

void WriteParam(io::JsonWriter& writer, const ParamSpec& param) {
  writer.BeginObject().Field("name", param.name).Field("description", param.description);
  WriteTextOrNull(writer, "example", param.example);
  writer.Field("state", LifecycleName(Lifecycle::kActive)).Key("superceded_by").Null();
  writer.Key("required").Bool(param.required).Key("validator").Raw(param.validator.Schema()).EndObject();
}

void WriteTrigger(io::JsonWriter& writer, const TriggerInfo& trigger) {
  writer.BeginObject().Field("name", trigger.name).Field("description", trigger.help);
  writer.Field("state", LifecycleName(trigger.state));
  WriteTextOrNull(writer, "superceded_by", trigger.superseded_by);
  writer.Key("parameters").BeginArray();
  for (const ParamSpec& param : trigger.params) WriteParam(writer, param);
  writer.EndArray().EndObject();
}

}  // namespace

std::string WritePolicySpec(std::span<const Trigger> triggers) {
  std::vector<const GateInfo*> gates;
  for (const Trigger& trigger : triggers)
    if (std::ranges::find(gates, trigger.info.gate) == gates.end()) gates.push_back(trigger.info.gate);
  io::JsonWriter writer;
  writer.BeginArray();
  for (const GateInfo* gate : gates) {
    writer.BeginObject().Field("name", gate->name).Field("description", gate->help);
    writer.Field("state", LifecycleName(Lifecycle::kActive)).Key("superceded_by").Null();
    writer.Key("triggers").BeginArray();
    for (const Trigger& trigger : triggers)
      if (trigger.info.gate == gate) WriteTrigger(writer, trigger.info);
    writer.EndArray().EndObject();
  }
  writer.EndArray();
  return writer.Take();
}

}  // namespace holdfast::policy
