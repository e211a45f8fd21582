#include "api/router.h"

#include <algorithm>

namespace holdfast::api {
namespace {

constexpr std::string_view kVersion = "v1";

std::string Allow(std::span<const Operation* const> operations) {
  std::string methods;
  for (const Operation* operation : operations) {
    if (!methods.empty()) methods += ", ";
    methods += operation->method;
    if (operation->method == "GET") methods += ", HEAD";
  }
  return methods;
}

}  // namespace

Router::Router(std::span<const Operation> operations) {
  for (const Operation& operation : operations) {
    Node* node = &root_;
    for (const std::string& segment : operation.segments) {
      std::unique_ptr<Node>& next = segment.starts_with('{') ? node->parameter : node->words[segment];
      if (next == nullptr) next = std::make_unique<Node>();
      node = next.get();
    }
    node->operations.push_back(&operation);
    segments_max_ = std::max(segments_max_, operation.segments.size());
  }
}

Route Router::Find(std::string_view method, std::span<const std::string> segments) const {
  if (!segments.empty() && segments.front() == kVersion) segments = segments.subspan(1);
  Route route;
  if (segments.size() > segments_max_) return route;
  const Node* node = Walk(root_, segments, route.values);
  if (node == nullptr) return route;
  const std::string_view asked = method == "HEAD" ? "GET" : method;
  for (const Operation* operation : node->operations)
    if (operation->method == asked) route.operation = operation;
  if (route.operation == nullptr) route.allow = Allow(node->operations);
  return route;
}

// At most two ways at each segment, and few segments: Find has seen to that.
const Router::Node* Router::Walk(const Node& node, std::span<const std::string> segments,
                                 std::vector<std::string_view>& values) {
  if (segments.empty()) return node.operations.empty() ? nullptr : &node;
  const std::size_t values_before = values.size();
  if (const auto word = node.words.find(segments.front()); word != node.words.end())
    if (const Node* found = Walk(*word->second, segments.subspan(1), values)) return found;
  values.resize(values_before);
  if (node.parameter == nullptr) return nullptr;
  values.push_back(segments.front());
  return Walk(*node.parameter, segments.subspan(1), values);
}

}  // namespace holdfast::api
