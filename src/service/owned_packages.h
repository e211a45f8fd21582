// Packages of languages that a package of the distribution has brought.
#pragma once

#include "model/image_analysis.h"

namespace holdfast::service {

// Leaves out what a distribution package owns, and every relation to it: the distribution's advisories speak of it
// under the owner's name, and its versions are mended without looking newer.
void DropOwnedPackages(model::ImageAnalysis& analysis);

}  // namespace holdfast::service
