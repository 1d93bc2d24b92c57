// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace berth::archive {

/// Gives the next piece of a tar; an empty piece is its end.
using Pieces = std::function<std::string_view()>;

/// What an entry's header says of it. Members left alone: owner 0, the mode of the file on disk (0644 for content, 0755
/// for directories), time 0, so that the same files make the same bytes.
struct EntryOptions {
    std::optional<std::uint32_t> uid{};
    std::optional<std::uint32_t> gid{};
    std::optional<unsigned>
        mode{};                ///< Permission bits; of a tree: those of its files, directories get `x` where `r` is.
    std::int64_t modified{0};  ///< Unix seconds.
};

/// Makes a tar as it is asked for, in constant memory: an upload's body. Plain pax. Names are relative, with `/`, and a
/// leading `/` is dropped.
///
/// Files are opened when their turn comes, without following a symlink, and their size is fixed then: one that shrinks
/// while it is read is an error, one that grows is cut.
class TarSource {
  public:
    TarSource();
    TarSource(TarSource&&) noexcept;
    TarSource& operator=(TarSource&&) noexcept;
    ~TarSource();

    /// A file of these bytes. @throws Error (BR0401) for a name that is empty or goes up
    TarSource& add_content(std::string name, std::string bytes, const EntryOptions& options = {});
    TarSource& add_directory(std::string name, const EntryOptions& options = {});
    TarSource& add_symlink(std::string name, std::string target, const EntryOptions& options = {});
    /// A regular file of this machine; `path` itself may be a symlink.
    /// @throws Error (BR0401) when it is none or cannot be read
    TarSource& add_file(const std::filesystem::path& path, std::string name, const EntryOptions& options = {});
    /// All that is below a directory, sorted by name; `name` stands for the directory itself, empty for none. Symlinks
    /// stay symlinks. @throws Error (BR0401) for a device, socket or FIFO in it, and for what cannot be read
    TarSource& add_tree(const std::filesystem::path& directory, const std::string& name,
                        const EntryOptions& options = {});

    /// Entries that are found as they are needed: `more` is asked once what is planned has been written, adds some, and
    /// returns false when there are no others.
    TarSource& add_later(std::function<bool(TarSource&)> more);
    /// A regular file as somebody has just seen it: nothing is looked at before its turn comes.
    TarSource& add_seen(const std::filesystem::path& path, std::string name, const EntryOptions& options);

    /// gzip, for a tar that travels. To be said before the first piece.
    TarSource& compress() noexcept;

    /// The next piece, valid until the next call; empty at the end.
    /// @throws Error (BR0401) when a file went, shrank or cannot be read; the tar is of no use then
    std::string_view next();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// next() as a function that can be copied: a request's body.
Pieces pieces(TarSource source);

/// All of it at once; for small ones.
std::string whole(TarSource source);

}  // namespace berth::archive
