package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.SyscallFilter;
import dev.tallyman.kernel.SyscallFilter.Comparison;
import dev.tallyman.kernel.SyscallFilter.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeccompProfileTest {
  private static final int ALLOW = 0x7fff0000;
  private static final int EPERM = 0x00050001;
  private static final int READ = number("read");
  private static final int CLONE = number("clone");

  private static int number(String name) {
    Integer number = SystemCalls.number(name);
    return number == null ? -2 : number;
  }

  private static SyscallFilter read(String json) {
    return SeccompProfile.read(json.replace('\'', '"'), 0);
  }

  private static SyscallFilter syscalls(String rules) {
    return read("{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[" + rules + "]}");
  }

  private static void refused(String json, String text) {
    TallymanException e = assertThrows(TallymanException.class, () -> read(json), json);
    assertEquals(ErrorKind.INVALID, e.kind());
    assertTrue(String.valueOf(e.getMessage()).startsWith("decoding seccomp profile failed: ") && String.valueOf(e.getMessage()).contains(text), e.getMessage());
  }

  @Test
  void readsDefaultNamesAndArguments() {
    SyscallFilter filter =
        read(
            """
            {'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,'archMap':[{'architecture':'SCMP_ARCH_X86_64','subArchitectures':['SCMP_ARCH_X86']}],
             'syscalls':[{'names':['read','clone'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':2114060288,'valueTwo':0,'op':'SCMP_CMP_MASKED_EQ'}],
             'comment':'','includes':{},'excludes':{}}]}
            """);

    Comparison comparison = new Comparison(0, 7, 2114060288, 0);
    assertEquals(new SyscallFilter(0x00050000 | 38, List.of(new Rule(READ, ALLOW, List.of(comparison)), new Rule(CLONE, ALLOW, List.of(comparison)))), filter);
  }

  @Test
  void takesTheOldFormWithOneName() {
    assertEquals(List.of(new Rule(READ, EPERM, List.of())), syscalls("{'name':'read','action':'SCMP_ACT_ERRNO','args':null}").rules());
  }

  @Test
  void passesOverNamesOfOtherArchitectures() {
    assertEquals(List.of(), syscalls("{'names':['s390_pci_mmio_read','breakpoint'],'action':'SCMP_ACT_ERRNO'}").rules());
  }

  @Test
  void leavesOutWhatTheDefaultSaysAnyway() {
    assertEquals(List.of(), syscalls("{'names':['read'],'action':'SCMP_ACT_ALLOW'}").rules());
  }

  @Test
  void twoComparisonsOfOneArgumentAreAlternatives() {
    String two = "{'index':0,'value':1,'op':'SCMP_CMP_EQ'},{'index':%d,'value':2,'op':'SCMP_CMP_EQ'}";

    assertEquals(1, syscalls("{'names':['read'],'action':'SCMP_ACT_ERRNO','args':[" + two.formatted(1) + "]}").rules().size());
    assertEquals(2, syscalls("{'names':['read'],'action':'SCMP_ACT_ERRNO','args':[" + two.formatted(0) + "]}").rules().size());
  }

  @Test
  void comparesWithAllOf64Bits() {
    SyscallFilter filter = syscalls("{'names':['read'],'action':'SCMP_ACT_ERRNO','args':[{'index':5,'value':18446744073709551615,'op':'SCMP_CMP_NE'}]}");

    assertEquals(new Comparison(5, 1, -1, 0), filter.rules().get(0).comparisons().get(0));
  }

  @ParameterizedTest
  @CsvSource({
    "includes, CAP_SYS_ADMIN, 0", "includes, CAP_SYS_CHROOT, 1", "excludes, CAP_SYS_ADMIN, 1", "excludes, CAP_SYS_CHROOT, 0",
  })
  void rulesAreTiedToCapabilities(String how, String capability, int expected) {
    String json = "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['read'],'action':'SCMP_ACT_ERRNO','" + how + "':{'caps':['" + capability + "']}}]}";

    assertEquals(expected, SeccompProfile.read(json.replace('\'', '"'), 1L << 18).rules().size());
  }

  @Test
  void rulesAreTiedToArchitectureAndKernel() {
    String rule = "{'names':['read'],'action':'SCMP_ACT_ERRNO','%s':{%s}}";
    String here = "'arches':['" + SystemCalls.ARCHITECTURE + "']";

    assertEquals(1, syscalls(rule.formatted("includes", here)).rules().size());
    assertEquals(0, syscalls(rule.formatted("excludes", here)).rules().size());
    assertEquals(0, syscalls(rule.formatted("includes", "'arches':['vax']")).rules().size());
    assertEquals(1, syscalls(rule.formatted("includes", "'minKernel':'4.8'")).rules().size());
    assertEquals(0, syscalls(rule.formatted("includes", "'minKernel':'99.0'")).rules().size());
  }

  @Test
  void hostileProfilesAreClearErrors() {
    refused("", "");
    refused("[]", "must be an object");
    refused("{", "");
    refused("{} {}", "");
    refused("{'defaultAction':'SCMP_ACT_ALLOW','defaultAction':'SCMP_ACT_KILL'}", "Duplicate");
    refused("{'defaultAction':'SCMP_ACT_FLY'}", "no action \"SCMP_ACT_FLY\"");
    refused("{'defaultAction':'SCMP_ACT_NOTIFY','listenerPath':'/x'}", "listenerPath");
    refused("{'defaultAction':'SCMP_ACT_NOTIFY'}", "nobody listens");
    refused("{'defaultAction':'SCMP_ACT_ALLOW','flags':['SECCOMP_FILTER_FLAG_LOG']}", "\"flags\"");
    refused("{'defaultAction':'SCMP_ACT_ALLOW','architectures':['a'],'archMap':[{}]}", "use either 'architectures' or 'archMap'");
    refused("{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4096}", "out of range");
    refused("{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':-1}", "out of range");
    refused("{'defaultAction':'SCMP_ACT_ALLOW','syscalls':{'a':1}}", "must be an array");
    refused("{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[1]}", "must be an object");
    refused(rule("'names':['mkdri']"), "no system call \"mkdri\"");
    refused(rule("'names':['read'],'name':'write'"), "use either 'name' or 'names'");
    refused(rule("'names':[7]"), "array of texts");
    refused(rule("'names':['read'],'args':[{'index':6,'value':1,'op':'SCMP_CMP_EQ'}]"), "out of range");
    refused(rule("'names':['read'],'args':[{'index':0,'value':1,'op':'SCMP_CMP_ISH'}]"), "no operator");
    refused(rule("'names':['read'],'args':[{'index':0,'value':18446744073709551616,'op':'SCMP_CMP_EQ'}]"), "64 bits");
    refused(rule("'names':['read'],'args':[{'index':0,'value':-1,'op':'SCMP_CMP_EQ'}]"), "out of range");
    refused(rule("'names':['read'],'includes':{'minKernel':'new'}"), "not a version");
    refused("{'a':".repeat(50) + "1" + "}".repeat(50), "");
    refused(rule("'names':['" + "x".repeat(300_000) + "']"), "longer than");
    refused(rule("'names':[" + "'read',".repeat(9000) + "'read']"), "too many rules");
  }

  private static String rule(String fields) {
    return "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{" + fields + ",'action':'SCMP_ACT_ERRNO'}]}";
  }
}
