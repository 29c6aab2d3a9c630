# Tests of the native programs. `make test` needs no root; `make system` does, and makes an installation of its own.
TESTS = $(BUILD)/tests
UNIT_FLAGS = -std=gnu17 -D_GNU_SOURCE -O1 -g $(WARNINGS) -Iinclude -Isrc/common
UNIT = $(patsubst tests/unit/%.c,$(TESTS)/%,$(wildcard tests/unit/test_*.c))

# What each unit test is linked with.
$(TESTS)/test_request: SOURCES = src/common/request.c src/common/request_network.c src/common/request_rules.c src/common/secret.c src/common/report.c -Wl,--wrap=malloc
$(TESTS)/test_tar_header: SOURCES = src/helper/tar_header.c
$(TESTS)/test_tar_reader: SOURCES = src/helper/tar_reader.c src/helper/tar_writer.c src/helper/tar_header.c src/common/report.c
$(TESTS)/test_unpack_path: SOURCES = src/helper/unpack_path.c src/helper/clean_path.c src/common/resolve.c src/common/report.c
$(TESTS)/test_files_path: SOURCES = src/helper/files_path.c src/helper/clean_path.c src/common/resolve.c src/common/report.c
$(TESTS)/test_child: SOURCES = src/helper/child.c
$(TESTS)/test_landlock: SOURCES = src/helper/landlock.c src/common/report.c
$(TESTS)/test_netlink: SOURCES = src/common/netlink.c
$(TESTS)/test_resolve: SOURCES = src/common/resolve.c -Wl,--wrap=syscall
$(TESTS)/test_log: SOURCES = src/monitor/log.c -Wl,--wrap=renameat -Wl,--wrap=unlinkat -Wl,--wrap=writev
$(TESTS)/test_profile: SOURCES = src/init/profile.c src/common/report.c
$(TESTS)/test_policy: SOURCES = src/helper/policy_parse.c src/helper/policy.c src/helper/policy_bind.c src/helper/policy_network.c src/helper/path.c src/common/resolve.c src/helper/capability.c src/common/mount.c src/common/request.c src/common/request_network.c src/common/request_rules.c src/common/secret.c src/common/report.c

$(TESTS)/%: tests/unit/%.c $(wildcard src/common/*.[ch] src/helper/*.[ch] src/init/*.[ch] src/monitor/*.[ch] tests/unit/*.h)
	@mkdir -p $(TESTS)
	$(CC) $(UNIT_FLAGS) $(UNIT_EXTRA) -o $@ $< $(SOURCES)

test: all coverage $(UNIT)
	tests/run $(UNIT) "python3 tests/system/test_monitor.py $(BUILD)/monitor"

# The same under the sanitizers.
asan:
	$(MAKE) BUILD=$(BUILD)/asan UNIT_EXTRA="-fsanitize=address,undefined -fno-sanitize-recover=all" asan-run
asan-run: $(UNIT)
	tests/run $(UNIT)

# The parser stands between the server and root: every branch of it is taken by its test.
coverage:
	@mkdir -p $(TESTS)/coverage
	cd $(TESTS)/coverage && rm -f *.gcda *.gcno && $(CC) -std=gnu17 -D_GNU_SOURCE -O0 --coverage -I$(CURDIR)/include -I$(CURDIR)/src/common \
		-o test_request $(CURDIR)/tests/unit/test_request.c $(CURDIR)/src/common/request.c $(CURDIR)/src/common/request_network.c $(CURDIR)/src/common/request_rules.c $(CURDIR)/src/common/secret.c $(CURDIR)/src/common/report.c -Wl,--wrap=malloc && \
		./test_request >/dev/null && gcov -b -o . test_request-request.gcda test_request-request_rules.gcda test_request-request_network.gcda | tee result
	@for each in request request_rules request_network; do grep -A4 "common/$$each.c'" $(TESTS)/coverage/result | grep -q 'Taken at least once:100.00%' || \
		{ echo "$$each.c: a branch is not tested" >&2; exit 1; }; done

# libFuzzer for SECONDS on each target.
FUZZ_FLAGS = -std=gnu17 -D_GNU_SOURCE -O1 -g -Iinclude -Isrc/common -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
fuzz:
	@mkdir -p $(TESTS)/corpus-request $(TESTS)/corpus-tar $(TESTS)/corpus-policy
	clang $(FUZZ_FLAGS) -o $(TESTS)/fuzz_request tests/fuzz/fuzz_request.c src/common/request.c src/common/request_network.c src/common/request_rules.c src/common/secret.c src/common/report.c
	clang $(FUZZ_FLAGS) -o $(TESTS)/fuzz_tar tests/fuzz/fuzz_tar.c src/helper/tar_reader.c src/helper/tar_header.c src/common/report.c
	cd $(TESTS) && { ./fuzz_request -max_total_time=$(SECONDS) -max_len=4096 -print_final_stats=1 corpus-request $(CURDIR)/tests/fuzz/seeds-request & \
		./fuzz_tar -max_total_time=$(SECONDS) -max_len=8192 -print_final_stats=1 corpus-tar $(CURDIR)/tests/fuzz/seeds-tar && wait $$!; }

# The installed programs on the real kernel, as root.
SYSTEM = $(sort $(filter-out tests/system/test_monitor.py,$(wildcard tests/system/test_*.py)) $(wildcard tests/abuse/test_*.py))
system: all
	tests/run $(foreach script,$(SYSTEM),"python3 $(script)")

# What on-cgroup2 runs inside its own kernel, which has one processor, a tenth as fast, and no nftables for networks. GROUPS_ONLY=1: only what meets
# control groups, or project quotas, which that kernel alone has.
CGROUP2_ALL = $(filter-out tests/abuse/% tests/system/test_membership.py tests/system/test_network.py tests/system/test_network6.py,$(SYSTEM))
CGROUP2 = $(if $(GROUPS_ONLY),$(patsubst %,tests/system/test_%.py,containers keeper options quota sockets),$(CGROUP2_ALL))
system-cgroup2: all
	TALLYMAN_TEST_STATES=/mnt TALLYMAN_PROGRAM_SECONDS=1200 tests/run $(foreach script,$(CGROUP2),"python3 $(script)")

# memleak, unix.Malloc: neither tool knows the cleanup attribute that auto_free is made of.
TIDY = clang-tidy --quiet --warnings-as-errors=* --checks=-*,bugprone-*,clang-analyzer-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-bugprone-assignment-in-if-condition,-bugprone-implicit-widening-of-multiplication-result,-bugprone-narrowing-conversions,-clang-analyzer-unix.Malloc,-clang-analyzer-deadcode.DeadStores,-clang-analyzer-optin.performance.Padding,-clang-analyzer-security.insecureAPI.*
lint: $(BUILD)/seccomp_filter.h
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability --inline-suppr --suppress=missingIncludeSystem --suppress=memleak -Iinclude -Isrc/common -I$(BUILD) src
	printf '%s\n' $(wildcard src/common/*.c src/helper/*.c src/monitor/*.c src/init/*.c) | xargs -P "$$(nproc)" -n 8 sh -fc '$(TIDY) "$$@" -- -std=gnu17 -D_GNU_SOURCE -Iinclude -Isrc/common -I$(BUILD)' tidy

format:
	clang-format -i $(wildcard src/*/*.[ch] tests/*/*.[ch] include/*.h)
