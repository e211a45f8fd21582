// The Ruby advisory database (github.com/rubysec/ruby-advisory-db; README.md, "Schema"): YAML files gems/NAME/ID.yml
// about gems, and rubies/NAME/ID.yml about interpreters: gem or engine, title, date, url, description, one or more of
// cve, ghsa and osvdb, cvss_v2, cvss_v3 and cvss_v4 as scores, patched_versions and unaffected_versions as lists of
// requirements, and related.
//
// Affected is what is neither patched nor unaffected, as bundler-audit decides: requirements are Gem::Requirement's,
// where "~> 2.1.4" ends before the first pre-release of 2.2. Severity is the rating of the score of the highest
// version. Not read: platform ("jruby"), which bundler-audit does not regard either, since a gem does not say on what
// it will run; so a flaw of the JRuby variant is told of the others too.
//
// The id is the path in the database ("rubysec/gems/rack/CVE-2022-30122"): files about several gems bear the same CVE,
// which is an alias. Interpreters are of an ecosystem "Ruby", which OSV has not: they are no gems.
#pragma once

#include <memory>
#include <string_view>

#include "advisory/intervals.h"
#include "advisory/provider.h"
#include "base/result.h"
#include "io/json.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kRubysecTextsMax = 2'000;  // references, related ids

[[nodiscard]] bool LooksLikeRubysec(io::JsonView root);

// `name` is the document's path, whose last part is the advisory's name. kCorrupt for a missing or senseless name of
// document or package, id or requirement; kUnsupported for the operator "!="; kLimit.
[[nodiscard]] Result<model::Advisory> ParseRubysec(std::string_view name, io::JsonView root);

// One of Gem::Requirement's texts as an interval.
[[nodiscard]] Result<Interval> ParseGemRequirement(std::string_view text);

[[nodiscard]] std::unique_ptr<Provider> MakeRubysecProvider();

}  // namespace holdfast::advisory
