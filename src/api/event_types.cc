#include "api/event_types.h"

#include <array>

namespace holdfast::api {
namespace {

constexpr std::array kCategories = {
    EventCategory{"user", "What happened to the things of an account"},
    EventCategory{"system", "What happened to the installation itself"},
};

constexpr std::array kGroups = {
    EventGroup{"user", "image", "Images on their way through analysis"},
    EventGroup{"user", "checks", "Answers about a tag that became others"},
    EventGroup{"user", "policy", "The bundle by which images are judged"},
    EventGroup{"system", "image_analysis", "The steps of an analysis"},
    EventGroup{"system", "analysis_archive", "Analyses on their way into the archive and out of it"},
    EventGroup{"system", "repository", "Repositories that are watched"},
    EventGroup{"system", "feeds", "Vulnerability feeds being brought up to date"},
    EventGroup{"system", "service", "Service instances, and what they depend on"},
};

constexpr std::array kKinds = {
    EventKind{"user.image.analysis.completed", "image_tag", "The analysis of the image is done"},
    EventKind{"user.image.analysis.failed", "image_tag", "The image could not be analysed"},
    EventKind{"user.checks.tag.vulnerabilities.update", "image_tag", "The vulnerabilities of the tag are others now"},
    EventKind{"user.checks.tag.policy_evaluation.update", "image_tag", "The tag is judged differently now"},
    EventKind{"user.policy.active.updated", "policy_bundle", "Another bundle is the active one"},
    EventKind{"user.policy.active.content_change", "policy_bundle", "The active bundle says something else now"},
    EventKind{"system.image_analysis.registry_lookup_failed", "image_reference",
              "The registry did not tell about the image"},
    EventKind{"system.image_analysis.failed", "image_digest", "An analyser could not finish the image"},
    EventKind{"system.image_analysis.completed", "image_digest", "An analyser finished the image"},
    EventKind{"system.image_analysis.catalog_save_failed", "image_digest", "The analysis could not be stored"},
    EventKind{"system.image_analysis.policy_engine_load_failed", "image_digest",
              "The analysis could not be made ready for matching and policy"},
    EventKind{"system.image_analysis.restored_from_archive", "image_digest", "The image is back from the archive"},
    EventKind{"system.image_analysis.restore_from_archive_failed", "image_digest",
              "The image could not be brought back from the archive"},
    EventKind{"system.image_analysis.manifest_parse_fail", "image_digest", "The manifest of the image makes no sense"},
    EventKind{"system.analysis_archive.image_archived", "image_digest", "The analysis is in the archive"},
    EventKind{"system.analysis_archive.image_archive_failed", "image_digest", "The analysis could not be archived"},
    EventKind{"system.analysis_archive.archived_image_deleted", "image_digest",
              "The analysis is gone from the archive"},
    EventKind{"system.analysis_archive.archived_image_delete_failed", "image_digest",
              "The analysis could not be removed from the archive"},
    EventKind{"system.repository.list_tags_fail", "repository", "The registry did not list the tags of the repository"},
    EventKind{"system.feeds.sync.started", "feeds", "Feeds are being brought up to date"},
    EventKind{"system.feeds.sync.completed", "feeds", "Feeds are up to date"},
    EventKind{"system.feeds.sync.failed", "feeds", "Feeds could not be brought up to date"},
    EventKind{"system.feeds.sync.feed_started", "feed", "The feed is being brought up to date"},
    EventKind{"system.feeds.sync.feed_completed", "feed", "The feed is up to date"},
    EventKind{"system.feeds.sync.feed_failed", "feed", "The feed could not be brought up to date"},
    EventKind{"system.feeds.sync.group_started", "feed_group", "The group is being brought up to date"},
    EventKind{"system.feeds.sync.group_completed", "feed_group", "The group is up to date"},
    EventKind{"system.feeds.sync.group_failed", "feed_group", "The group could not be brought up to date"},
    EventKind{"system.service.state_transition.orphaned", "service", "The instance has not been heard of for long"},
    EventKind{"system.service.state_transition.down", "service", "The instance does not answer"},
    EventKind{"system.service.removed", "service", "The instance was forgotten"},
    EventKind{"system.service.authz_plugin_healthcheck_failed", "service", "The external authority does not answer"},
};

}  // namespace

std::span<const EventKind> EventKinds() { return kKinds; }
std::span<const EventGroup> EventGroups() { return kGroups; }
std::span<const EventCategory> EventCategories() { return kCategories; }

}  // namespace holdfast::api
