// The kinds of events there are: category, subcategory and name, joined by points, are an event's type.
#pragma once

#include <span>
#include <string_view>

namespace holdfast::api {

struct EventKind {
  std::string_view type;           // "user.image.analysis.completed"
  std::string_view resource_type;  // what its resource is: "image_digest"
  std::string_view message;        // what it says
};

struct EventGroup {
  std::string_view category, name;  // "user", "image"
  std::string_view description;
};

struct EventCategory {
  std::string_view name, description;
};

// Sorted so that categories, and in them subcategories, stand together.
[[nodiscard]] std::span<const EventKind> EventKinds();
[[nodiscard]] std::span<const EventGroup> EventGroups();
[[nodiscard]] std::span<const EventCategory> EventCategories();

}  // namespace holdfast::api
