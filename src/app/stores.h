// Databases and object stores by configuration: the only place that names their drivers.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "blob/object_store.h"
#include "config/config.h"
#include "store/database.h"

namespace holdfast::app {

// Without db_connect: one SQLite file in data_dir.
[[nodiscard]] bool IsEmbedded(const config::Configuration& configuration);
[[nodiscard]] Result<std::unique_ptr<store::Database>> OpenDatabase(const config::Configuration& configuration,
                                                                    store::StatementObserver observer);
// For commands that look at an installation: makes nothing. kNotFound when there is none in that folder, and as
// store::CheckSchema.
[[nodiscard]] Result<std::unique_ptr<store::Database>> OpenExistingDatabase(const config::Configuration& configuration);
// Says when the pools of all processes together do not fit the server.
void AdviseOnConnections(const config::Configuration& configuration, store::Database& database, Logger& logger);

// Embedded: a folder in data_dir; else as object_store says. kUnsupported for drivers that are not there.
[[nodiscard]] Result<std::unique_ptr<blob::ObjectStore>> OpenObjects(const config::Configuration& configuration,
                                                                     store::Database& database, const Clock& clock);

}  // namespace holdfast::app
