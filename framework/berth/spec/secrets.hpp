// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/text.hpp>

#include <string>

namespace berth {

/// A secret that is made anew for each run.
struct GenerateSpec {
    enum class Charset { alnum, alpha, digits, hex };
    Given<int> length{};       ///< Default 24.
    Given<Charset> charset{};  ///< Default alnum.
    friend bool operator==(const GenerateSpec&, const GenerateSpec&) = default;
};

/// A value that services get as a file, and that is masked wherever it would be shown. Exactly one source.
struct SecretSpec {
    Given<std::string> file{};         ///< On the host.
    Given<std::string> environment{};  ///< A variable of the caller.
    Given<GenerateSpec> generate{};
    Given<Words> command{};  ///< Its standard output is the value; run without a shell, for 10 s at most.
    Given<bool> external{};
    Presence presence{Presence::given};  ///< What it is in a merge: `reset` takes it away, `overridden` replaces it.
    Origin origin{};
    friend bool operator==(const SecretSpec&, const SecretSpec&) = default;
};

/// A file that services get. Exactly one source.
struct ConfigSpec {
    Given<std::string> file{};  ///< On the host.
    Given<Text> content{};
    Given<std::string> environment{};  ///< A variable of the caller.
    Given<bool> external{};
    Presence presence{Presence::given};  ///< What it is in a merge: `reset` takes it away, `overridden` replaces it.
    Origin origin{};
    friend bool operator==(const ConfigSpec&, const ConfigSpec&) = default;
};

/// A secret as a service gets it.
struct SecretRef {
    Given<std::string> source{};  ///< Its key under `secrets`.
    Given<std::string> target{};  ///< Default `/run/secrets/<source>`; relative: below `/run/secrets`.
    Given<std::string> uid{};
    Given<std::string> gid{};
    Given<unsigned> mode{};  ///< Default 0444.
    Origin origin{};

    SecretRef() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): in a spec it is written as its value is.
    SecretRef(const char* name, Caller caller = BERTH_CALLER)
        : source(std::string(name), caller), origin(caller.origin()) {}
    friend bool operator==(const SecretRef&, const SecretRef&) = default;
};

/// A config as a service gets it.
struct ConfigRef {
    Given<std::string> source{};  ///< Its key under `configs`.
    Given<std::string> target{};  ///< Default `/<source>`.
    Given<std::string> uid{};
    Given<std::string> gid{};
    Given<unsigned> mode{};  ///< Default 0444.
    Origin origin{};

    ConfigRef() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): in a spec it is written as its value is.
    ConfigRef(const char* name, Caller caller = BERTH_CALLER)
        : source(std::string(name), caller), origin(caller.origin()) {}
    friend bool operator==(const ConfigRef&, const ConfigRef&) = default;
};

}  // namespace berth
