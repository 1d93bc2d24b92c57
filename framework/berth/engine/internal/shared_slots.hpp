// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/internal/contexts.hpp>
#include <berth/process/descriptor.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace berth::engine {

/// The folder for what all processes of a user share: `berth` in XDG_RUNTIME_DIR, otherwise in XDG_CACHE_HOME or
/// ~/.cache; made with mode 0700. An empty descriptor when there is none, or when it is not this user's alone.
process::Descriptor shared_folder(const Variables& variable);

/// Short texts by key, and a lock by key, that all threads and processes of a user share: one file, which is never
/// removed or grown per key. A lock goes with the process that holds it. Two keys may share a slot: the later text then
/// takes the place of the earlier one, which reads as empty.
class SharedSlots {
  public:
    static constexpr std::size_t k_longest_text = 40;

    /// @param folder of shared_folder(); without one, nothing is locked and nothing remembered
    SharedSlots(const process::Descriptor& folder, const std::string& name);

    [[nodiscard]] bool usable() const noexcept { return static_cast<bool>(file_); }

    [[nodiscard]] std::string read(const std::string& key) const;
    void write(const std::string& key, const std::string& text) const;

    /// Of one key; let go with this.
    class Lock {
      public:
        Lock() noexcept = default;
        Lock(Lock&& other) noexcept : file_(std::exchange(other.file_, -1)), at_(other.at_) {}
        Lock& operator=(Lock other) noexcept {
            std::swap(file_, other.file_);
            std::swap(at_, other.at_);
            return *this;
        }
        ~Lock();
        explicit operator bool() const noexcept { return file_ >= 0; }

      private:
        friend class SharedSlots;
        int file_{-1};
        std::int64_t at_{0};
    };
    /// @returns an empty one when another holder has it. Two of one SharedSlots do not exclude each other.
    [[nodiscard]] Lock try_lock(const std::string& key) const;

  private:
    process::Descriptor file_;
};

}  // namespace berth::engine
