// The equations of each version, for score.cc. All scores here are tenths: 98 is 9.8.
#pragma once

#include <cmath>

#include "cvss/vector.h"

namespace holdfast::cvss {

// Impact and exploitability of versions 2 and 3, before rounding.
struct Parts {
  double impact = 0, exploitability = 0;
};

int BaseTenths2(const Vector& vector);
int TemporalTenths2(const Vector& vector);
int EnvironmentalTenths2(const Vector& vector);
Parts BaseParts2(const Vector& vector);

int BaseTenths3(const Vector& vector);
int TemporalTenths3(const Vector& vector);
int EnvironmentalTenths3(const Vector& vector);
Parts BaseParts3(const Vector& vector);

// By all metrics that are defined.
int Tenths4(const Vector& vector);

// To the nearest tenth, halves up. The values that the equations of versions 2 and 3 can take were all compared with
// exact arithmetic: they are halves, or further than 5e-5 from one, so that the guard sets right what binary fractions
// lose and nothing else.
inline int NearestTenth(double score) { return static_cast<int>(std::floor(score * 10 + 0.5 + 1e-9)); }

}  // namespace holdfast::cvss
