#include "policy/result_document.h"

#include <array>

namespace holdfast::policy {
namespace {

constexpr std::array<std::string_view, 9> kHeader = {
    "Image_Id", "Repo_Tag", "Trigger_Id", "Gate", "Trigger", "Check_Output", "Gate_Action", "Whitelisted", "Policy_Id"};

void WriteSelector(io::JsonWriter& writer, std::string_view key, const ImageSelector* selector) {
  writer.Key(key);
  if (selector == nullptr) {
    writer.Bool(false);
  } else {
    writer.Raw(selector->json);
  }
}

void WriteRow(io::JsonWriter& writer, const Row& row, const std::string& image_id, const std::string& full_tag) {
  const TriggerInfo& trigger = row.rule->trigger->info;
  writer.BeginArray().String(image_id).String(full_tag).String(row.trigger_id);
  writer.String(trigger.gate->name).String(trigger.name).String(row.message).String(ActionName(row.rule->action));
  if (row.allowed) {
    writer.BeginObject().Field("whitelist_name", row.allowed->list->name);
    writer.Field("whitelist_id", row.allowed->list->id);
    writer.Field("matched_rule_id", row.allowed->item->id).EndObject();
  } else {
    writer.Bool(false);
  }
  writer.String(row.policy->id).EndArray();
}

void WriteTable(io::JsonWriter& writer, const ImageFacts& facts, const Evaluation& evaluation) {
  const std::string full_tag = facts.FullTag();
  writer.Key("result").BeginObject();
  writer.Key(facts.image_id).BeginObject().Key("result").BeginObject();
  writer.Key("header").BeginArray();
  for (const std::string_view column : kHeader) writer.String(column);
  writer.EndArray().Key("row_count").Unsigned(evaluation.rows.size());
  writer.Key("rows").BeginArray();
  for (const Row& row : evaluation.rows) WriteRow(writer, row, facts.image_id, full_tag);
  writer.EndArray().Field("final_action", ActionName(evaluation.verdict.action)).EndObject().EndObject();
  // Always empty since Anchore has bundles; clients expect the keys.
  writer.Key("policy_data").BeginArray().EndArray().Key("whitelist_data").BeginArray().EndArray();
  writer.Field("policy_name", "").Key("whitelist_names").BeginArray().EndArray();
  writer.EndObject();
}

}  // namespace

std::string WriteResultDocument(const Bundle& bundle, const ImageFacts& facts, const Evaluation& evaluation) {
  io::JsonWriter writer;
  writer.BeginObject();
  writer.Field("user_id", facts.account).Field("image_id", facts.image_id);
  writer.Field("image_digest", facts.image_digest).Field("tag", facts.FullTag());
  writer.Key("bundle").Raw(bundle.json);
  WriteSelector(writer, "matched_mapping_rule", evaluation.mapping ? &evaluation.mapping->selector : nullptr);
  WriteSelector(writer, "matched_whitelisted_images_rule", evaluation.allowed);
  WriteSelector(writer, "matched_blacklisted_images_rule", evaluation.denied);
  WriteTable(writer, facts, evaluation);
  writer.Key("created_at").Integer(facts.evaluated_at).Key("last_modified").Integer(facts.evaluated_at);
  writer.Field("final_action", ActionName(evaluation.verdict.action));
  writer.Field("final_action_reason", ReasonName(evaluation.verdict.reason));
  writer.Key("evaluation_problems");
  WriteProblems(writer, evaluation.problems);
  writer.Field("status", evaluation.verdict.Passes() ? "pass" : "fail").EndObject();
  return writer.Take();
}

}  // namespace holdfast::policy
