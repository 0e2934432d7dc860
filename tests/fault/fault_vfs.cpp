#include "fault/fault_vfs.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

namespace agentaudit {
namespace {

constexpr std::int64_t sector_bytes = 512;

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

// As SQLite has it, with the file of the system behind it in the same piece of memory.
struct FaultVfs::File {
  sqlite3_file head;
  FaultVfs* faults;
  std::string path;  // empty: a temporary file
  sqlite3_file* real;
};

struct FaultVfs::Methods {
  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }  // NOLINT
  static sqlite3_file* real(sqlite3_file* file) { return of(file).real; }
  static FaultVfs& of(sqlite3_vfs* vfs) { return *static_cast<FaultVfs*>(vfs->pAppData); }

  static int close(sqlite3_file* file) {
    sqlite3_file* const behind = real(file);
    const int code = behind->pMethods == nullptr ? SQLITE_OK : behind->pMethods->xClose(behind);
    std::destroy_at(&of(file));
    return code;
  }

  static int read(sqlite3_file* file, void* out, int bytes, sqlite3_int64 offset) {
    if (!of(file).faults->enter("read")) return SQLITE_IOERR_READ;
    return real(file)->pMethods->xRead(real(file), out, bytes, offset);
  }

  static int write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 offset) {
    const File& it = of(file);
    if (!it.faults->enter("write")) return SQLITE_IOERR_WRITE;
    if (!it.faults->grow(it.real, offset + bytes)) return SQLITE_FULL;
    const int code = it.real->pMethods->xWrite(it.real, data, bytes, offset);
    if (code == SQLITE_OK && !it.path.empty()) {
      it.faults->changed(it.path, {.offset = offset,
                                   .bytes = std::string(static_cast<const char*>(data),
                                                        static_cast<std::size_t>(bytes))});
    }
    return code;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const File& it = of(file);
    if (!it.faults->enter("truncate")) return SQLITE_IOERR_TRUNCATE;
    const int code = it.real->pMethods->xTruncate(it.real, size);
    if (code == SQLITE_OK && !it.path.empty()) {
      it.faults->changed(it.path, {.offset = size, .bytes = std::nullopt});
    }
    return code;
  }

  static int sync(sqlite3_file* file, int /*flags*/) {
    const File& it = of(file);
    const bool goes_on = it.faults->enter("sync");
    if (!it.path.empty()) goes_on ? it.faults->synced(it.path) : it.faults->sync_failed(it.path);
    return goes_on ? SQLITE_OK : SQLITE_IOERR_FSYNC;
  }

  static int size(sqlite3_file* file, sqlite3_int64* out) {
    if (!of(file).faults->enter("size")) return SQLITE_IOERR_FSTAT;
    return real(file)->pMethods->xFileSize(real(file), out);
  }

  static int lock(sqlite3_file* file, int level) {
    if (!of(file).faults->enter("lock")) return SQLITE_IOERR_LOCK;
    return real(file)->pMethods->xLock(real(file), level);
  }
  static int unlock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
  }
  static int check_reserved_lock(sqlite3_file* file, int* out) {
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
  }
  static int file_control(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
  }
  static int sector_size(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
  }
  static int device_characteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
  }

  static int shm_map(sqlite3_file* file, int region, int bytes, int extend,
                     void volatile** out) {  // NOLINT
    if (!of(file).faults->enter("shm_map")) return SQLITE_IOERR_SHMMAP;
    return real(file)->pMethods->xShmMap(real(file), region, bytes, extend, out);
  }
  static int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    const bool locks = (flags & SQLITE_SHM_LOCK) != 0;
    if (locks && !of(file).faults->enter("shm_lock")) return SQLITE_IOERR_SHMLOCK;
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
  }
  static void shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
  static int shm_unmap(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
  }

  // What is mapped would not be seen: nothing is.
  static int fetch(sqlite3_file* /*file*/, sqlite3_int64 /*offset*/, int /*bytes*/, void** page) {
    *page = nullptr;
    return SQLITE_OK;
  }
  // With no page: SQLite gives up all mappings, for it has read that the log has grown.
  static int unfetch(sqlite3_file* file, sqlite3_int64 /*offset*/, void* page) {
    if (page == nullptr) of(file).faults->log_has_grown();
    return SQLITE_OK;
  }

  static constexpr sqlite3_io_methods io = {3,
                                            close,
                                            read,
                                            write,
                                            truncate,
                                            sync,
                                            size,
                                            lock,
                                            unlock,
                                            check_reserved_lock,
                                            file_control,
                                            sector_size,
                                            device_characteristics,
                                            shm_map,
                                            shm_lock,
                                            shm_barrier,
                                            shm_unmap,
                                            fetch,
                                            unfetch};

  static int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
                  int* out_flags) {
    FaultVfs& faults = of(vfs);
    File& it = *new (file) File{.head = {}, .faults = &faults, .path = {}, .real = nullptr};
    it.real = reinterpret_cast<sqlite3_file*>(&it + 1);  // NOLINT
    std::memset(it.real, 0, static_cast<std::size_t>(faults.base_->szOsFile));
    if (!faults.enter("open")) return SQLITE_CANTOPEN;
    const int code = faults.base_->xOpen(faults.base_, name, it.real, flags, out_flags);
    if (code != SQLITE_OK) return code;
    if (name != nullptr) {
      it.path = name;
      const std::lock_guard guard(faults.mutex_);
      if (!faults.disks_.contains(name)) faults.disks_[name].synced = bytes_of(name);
    }
    it.head.pMethods = &io;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    FaultVfs& faults = of(vfs);
    if (!faults.enter("delete")) return SQLITE_IOERR_DELETE;
    const int code = faults.base_->xDelete(faults.base_, name, sync_directory);
    const std::lock_guard guard(faults.mutex_);
    if (code == SQLITE_OK) faults.disks_.erase(name);
    return code;
  }

  static int access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
    FaultVfs& faults = of(vfs);
    if (!faults.enter("access")) return SQLITE_IOERR_ACCESS;
    return faults.base_->xAccess(faults.base_, name, flags, out);
  }

  static int full_pathname(sqlite3_vfs* vfs, const char* name, int bytes, char* out) {
    return of(vfs).base_->xFullPathname(of(vfs).base_, name, bytes, out);
  }
  static int randomness(sqlite3_vfs* vfs, int bytes, char* out) {
    return of(vfs).base_->xRandomness(of(vfs).base_, bytes, out);
  }
  static int sleep(sqlite3_vfs* vfs, int microseconds) {
    return of(vfs).base_->xSleep(of(vfs).base_, microseconds);
  }
  static int time(sqlite3_vfs* vfs, sqlite3_int64* out) {
    return of(vfs).base_->xCurrentTimeInt64(of(vfs).base_, out);
  }
};

FaultVfs::FaultVfs(std::uint64_t seed) : base_(sqlite3_vfs_find("unix")), random_(seed) {
  if (base_ == nullptr) throw std::runtime_error("this SQLite has no VFS \"unix\"");
  vfs_.iVersion = 2;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + base_->szOsFile;
  vfs_.mxPathname = base_->mxPathname;
  vfs_.zName = "fault";
  vfs_.pAppData = this;
  vfs_.xOpen = &Methods::open;
  vfs_.xDelete = &Methods::remove;
  vfs_.xAccess = &Methods::access;
  vfs_.xFullPathname = &Methods::full_pathname;
  vfs_.xRandomness = &Methods::randomness;
  vfs_.xSleep = &Methods::sleep;
  vfs_.xCurrentTimeInt64 = &Methods::time;
  sqlite3_vfs_register(&vfs_, 1);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(base_, 1);
}

std::int64_t FaultVfs::calls() {
  const std::lock_guard guard(mutex_);
  return calls_;
}

std::string FaultVfs::failed() {
  const std::lock_guard guard(mutex_);
  return failed_;
}

void FaultVfs::fail(std::int64_t n, std::int64_t count) {
  const std::lock_guard guard(mutex_);
  first_failing_ = calls_ + n;
  failing_count_ = count;
}

void FaultVfs::cut_power(std::int64_t n) {
  const std::lock_guard guard(mutex_);
  power_until_ = calls_ + n;
}

void FaultVfs::mend() {
  const std::lock_guard guard(mutex_);
  calls_ = 0;
  first_failing_ = never;
  power_until_ = never;
  failed_.clear();
}

void FaultVfs::set_space(std::int64_t bytes) {
  const std::lock_guard guard(mutex_);
  space_ = bytes;
}

void FaultVfs::set_read_only(bool read_only) {
  const std::lock_guard guard(mutex_);
  read_only_ = read_only;
}

void FaultVfs::set_delay(std::chrono::microseconds delay) {
  const std::lock_guard guard(mutex_);
  delay_ = delay;
}

void FaultVfs::in_next_checkpoint(std::function<void()> work) {
  const std::lock_guard guard(mutex_);
  in_checkpoint_ = std::move(work);
}

void FaultVfs::log_has_grown() {
  std::function<void()> work;
  {
    const std::lock_guard guard(mutex_);
    work.swap(in_checkpoint_);
  }
  if (work) work();
}

bool FaultVfs::enter(const char* name) {
  const std::string_view call = name;
  std::chrono::microseconds delay{};
  {
    const std::lock_guard guard(mutex_);
    ++calls_;
    const bool changes = call == "write" || call == "truncate" || call == "delete";
    const bool fails = calls_ >= power_until_ || (read_only_ && changes) ||
                       (calls_ >= first_failing_ && calls_ - first_failing_ < failing_count_);
    if (fails && failed_.empty()) failed_ = call;
    if (fails) return false;
    if (call == "write" || call == "sync") delay = delay_;
  }
  if (delay.count() > 0) std::this_thread::sleep_for(delay);
  return true;
}

bool FaultVfs::grow(sqlite3_file* file, std::int64_t end) {
  const std::lock_guard guard(mutex_);
  sqlite3_int64 size = 0;
  if (space_ == never || file->pMethods->xFileSize(file, &size) != SQLITE_OK) return true;
  const std::int64_t more = std::max<std::int64_t>(end - size, 0);
  if (more > space_) {
    if (failed_.empty()) failed_ = "space";
    return false;
  }
  space_ -= more;
  return true;
}

void FaultVfs::changed(const std::string& path, Change change) {
  const std::lock_guard guard(mutex_);
  disks_[path].changes.push_back(std::move(change));
}

void FaultVfs::synced(const std::string& path) {
  const std::lock_guard guard(mutex_);
  Disk& disk = disks_[path];
  for (const Change& change : disk.changes) apply(disk.synced, change);
  disk.changes.clear();
}

void FaultVfs::sync_failed(const std::string& path) {
  const std::lock_guard guard(mutex_);
  if (calls_ < power_until_) apply_some(disks_[path]);
}

// In a third of the cuts all is kept, in a third nothing, else a sector here and there; what
// is written later may well be there without what was written before.
void FaultVfs::apply_some(Disk& disk) {
  const auto manner = random_() % 3;
  for (const Change& change : std::exchange(disk.changes, {})) {
    if (!change.bytes) {
      if (manner == 0 || (manner == 1 && random_() % 2 == 0)) apply(disk.synced, change);
      continue;
    }
    const auto bytes = static_cast<std::int64_t>(change.bytes->size());
    for (std::int64_t at = 0; at < bytes;) {
      const std::int64_t in_sector = (change.offset + at) % sector_bytes;
      const std::int64_t piece = std::min(bytes - at, sector_bytes - in_sector);
      if (manner == 0 || (manner == 1 && random_() % 2 == 0)) {
        apply(disk.synced, {.offset = change.offset + at,
                            .bytes = change.bytes->substr(static_cast<std::size_t>(at),
                                                          static_cast<std::size_t>(piece))});
      }
      at += piece;
    }
  }
}

void FaultVfs::apply(std::string& bytes, const Change& change) {
  const auto offset = static_cast<std::size_t>(change.offset);
  if (!change.bytes) {
    bytes.resize(offset);
    return;
  }
  bytes.resize(std::max(bytes.size(), offset + change.bytes->size()));
  bytes.replace(offset, change.bytes->size(), *change.bytes);
}

void FaultVfs::restart() {
  {
    const std::lock_guard guard(mutex_);
    for (auto& [path, disk] : disks_) {
      apply_some(disk);
      std::ofstream(path, std::ios::binary | std::ios::trunc) << disk.synced;
      std::filesystem::remove(path + "-shm");  // it was in memory
    }
    disks_.clear();
  }
  mend();
}

}  // namespace agentaudit
