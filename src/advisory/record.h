// The values that a snapshot stores, in wire form (base/wire.h), and their readers, which trust nothing:
// a snapshot may be damaged, or made by somebody else.
//
// Two kinds. The hot record of a package is the list of what advisories say about it, all that deciding
// needs. The cold record of an advisory is what a report tells about it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/advisory.h"
#include "model/affected_view.h"

namespace holdfast::advisory {

// One row of a hot record.
[[nodiscard]] std::string EncodeAffectedRow(const model::Advisory& advisory, const model::Affected& affected);
// The hot record made of these rows.
[[nodiscard]] std::string EncodeAffectedRecord(const std::vector<std::string_view>& rows);

using AffectedVisitor = std::function<void(const model::AffectedView&)>;

// Calls `visit` for each row, in stored order; the views live until the visitor returns. kCorrupt when
// the record is damaged, after the rows in front of the damage were visited.
[[nodiscard]] Result<void> VisitAffectedRecord(std::string_view record, const AffectedVisitor& visit);

// The cold record: everything but `details`, and of the affected packages only ecosystem, release, name and
// symbols.
[[nodiscard]] std::string EncodeAdvisory(const model::Advisory& advisory);
[[nodiscard]] Result<model::Advisory> DecodeAdvisory(std::string_view record);

// Short lists of texts, such as the advisories that an alias leads to.
[[nodiscard]] std::string EncodeTexts(const std::vector<std::string>& texts);
[[nodiscard]] Result<std::vector<std::string>> DecodeTexts(std::string_view record);

}  // namespace holdfast::advisory
