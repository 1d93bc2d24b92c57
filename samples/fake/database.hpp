// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/berth.hpp>

#include <chrono>
#include <optional>
#include <string>

/// A program's own class, which its tests are about: a database for as long as it lives.
class Database {
  public:
    explicit Database(const std::string& engine) {
        berth::UpOptions options;
        options.engine = engine;
        environment_ = berth::up({.name = "sample",
                                  .services = {berth::service("db", "postgres:16")
                                                   .with_environment("POSTGRES_PASSWORD", "secret")
                                                   .with_wait(berth::wait::healthcheck())}},
                                 options, berth::within(std::chrono::seconds(20)));
    }

    bool has_table(const std::string& name) const {
        const auto result =
            environment_->service("db").exec({"psql", "-c", "\\d " + name}, {.check = berth::Check::no});
        return result.exit_code == 0;
    }

  private:
    std::optional<berth::Environment> environment_{};
};
