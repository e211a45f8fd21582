#include "policy/default_bundle.h"

namespace holdfast::policy {
namespace {

constexpr std::string_view kText = R"json({
  "id": "2c53a13c-1765-11e8-82ef-23527761d060",
  "version": "1_0",
  "name": "Holdfast default",
  "comment": "Stops images with severe vulnerabilities or an open SSH port; warns of what deserves a look.",
  "policies": [
    {
      "id": "holdfast-default-policy",
      "version": "1_0",
      "name": "Default checks",
      "comment": "Applied to every image by the default mapping.",
      "rules": [
        {
          "id": "holdfast-default-ssh-port",
          "gate": "dockerfile",
          "trigger": "exposed_ports",
          "action": "STOP",
          "params": [{"name": "ports", "value": "22"}, {"name": "type", "value": "blacklist"}]
        },
        {
          "id": "holdfast-default-healthcheck",
          "gate": "dockerfile",
          "trigger": "instruction",
          "action": "WARN",
          "params": [{"name": "instruction", "value": "HEALTHCHECK"}, {"name": "check", "value": "not_exists"}]
        },
        {
          "id": "holdfast-default-stale-data",
          "gate": "vulnerabilities",
          "trigger": "stale_feed_data",
          "action": "WARN",
          "params": [{"name": "max_days_since_sync", "value": "2"}]
        },
        {
          "id": "holdfast-default-no-data",
          "gate": "vulnerabilities",
          "trigger": "vulnerability_data_unavailable",
          "action": "WARN",
          "params": []
        },
        {
          "id": "holdfast-default-medium",
          "gate": "vulnerabilities",
          "trigger": "package",
          "action": "WARN",
          "params": [
            {"name": "package_type", "value": "all"},
            {"name": "severity_comparison", "value": "="},
            {"name": "severity", "value": "medium"}
          ]
        },
        {
          "id": "holdfast-default-severe",
          "gate": "vulnerabilities",
          "trigger": "package",
          "action": "STOP",
          "params": [
            {"name": "package_type", "value": "all"},
            {"name": "severity_comparison", "value": ">"},
            {"name": "severity", "value": "medium"}
          ]
        }
      ]
    }
  ],
  "whitelists": [
    {
      "id": "holdfast-default-allowlist",
      "version": "1_0",
      "name": "Default exceptions",
      "comment": "Empty: put here what was looked at and accepted.",
      "items": []
    }
  ],
  "mappings": [
    {
      "id": "holdfast-default-mapping",
      "name": "every image",
      "registry": "*",
      "repository": "*",
      "image": {"type": "tag", "value": "*"},
      "policy_ids": ["holdfast-default-policy"],
      "whitelist_ids": ["holdfast-default-allowlist"]
    }
  ],
  "whitelisted_images": [],
  "blacklisted_images": []
})json";

}  // namespace

std::string_view DefaultBundleText() { return kText; }

}  // namespace holdfast::policy
