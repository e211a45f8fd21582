// Router: finds the operation that a request asks for. Paths are a tree of segments; where both a word and a parameter
// fit, the word wins, the earlier the better, and the parameter is tried when that leads nowhere: "images/by_id/check"
// is the image of id "check". HEAD is answered as GET is.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"

namespace holdfast::api {

struct Route {
  const Operation* operation = nullptr;  // null: nothing answers to this
  std::vector<std::string_view> values;  // of the path parameters, in order; views into the segments
  // When there is no operation but the path is known with other methods: those, as the header Allow wants them.
  std::string allow;
};

class Router {
 public:
  // The operations outlive this object.
  explicit Router(std::span<const Operation> operations);

  // `segments`: decoded, as http::ServerRequest has them; a version in front ("v1") may be missing.
  [[nodiscard]] Route Find(std::string_view method, std::span<const std::string> segments) const;

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> words;
    std::unique_ptr<Node> parameter;
    std::vector<const Operation*> operations;
  };

  // The node of the path, and the values on the way; null when there is none.
  static const Node* Walk(const Node& node, std::span<const std::string> segments,
                          std::vector<std::string_view>& values);

  Node root_;
  std::size_t segments_max_ = 0;
};

}  // namespace holdfast::api
