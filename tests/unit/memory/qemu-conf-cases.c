/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qemu-conf-cases.h"

/* The part of libvirt's file that is about devices, as versions of it have it; the rest of the
 * file is comments and settings of the same kinds. */
#define HEAD                                                                                       \
  "# Master configuration file for the QEMU driver.\n# All settings described here are optional "  \
  "- if omitted, sensible\n# defaults are used.\n\n"
#define EXAMPLE                                                                                    \
  "#cgroup_device_acl = [\n#    \"/dev/null\", \"/dev/full\", \"/dev/zero\",\n"                    \
  "#    \"/dev/random\", \"/dev/urandom\",\n#    \"/dev/ptmx\", \"/dev/kvm\",\n"                   \
  "#    \"/dev/userfaultfd\"\n#]\n#\n"
#define OLD_EXAMPLE                                                                                \
  "#cgroup_device_acl = [\n#    \"/dev/null\", \"/dev/full\", \"/dev/zero\",\n"                    \
  "#    \"/dev/random\", \"/dev/urandom\",\n#    \"/dev/ptmx\", \"/dev/kvm\", \"/dev/kqemu\",\n"   \
  "#    \"/dev/rtc\",\"/dev/hpet\", \"/dev/sev\"\n#]\n#\n"
#define TAIL                                                                                       \
  "# RDMA migration requires the following extra files to be added to the list:\n"                 \
  "#   \"/dev/infiniband/rdma_cm\",\n#   \"/dev/infiniband/uverbs0\"\n\n"                          \
  "#save_image_format = \"raw\"\n#dump_image_format = \"raw\"\n"
#define GUIDE                                                                                      \
  "cgroup_device_acl = [\n    \"/dev/null\", \"/dev/full\", \"/dev/zero\",\n"                      \
  "    \"/dev/random\", \"/dev/urandom\",\n    \"/dev/ptmx\", \"/dev/kvm\",\n"

const QemuConfCase qemu_conf_cases[] = {
  /* As distributions bring it. */
  { "debian 13", CASE_APPENDED, HEAD EXAMPLE TAIL, "/dev/userfaultfd" },
  { "debian 13 as it is used", CASE_APPENDED,
    HEAD "user = \"libvirt-qemu\"\ngroup = \"libvirt-qemu\"\n" EXAMPLE TAIL, "/dev/kvm" },
  { "ubuntu 20.04: devices of its time", CASE_APPENDED, HEAD OLD_EXAMPLE TAIL, "/dev/kqemu" },
  { "fedora", CASE_APPENDED,
    HEAD "#user = \"qemu\"\n#group = \"qemu\"\n#stdio_handler = \"logd\"\n" EXAMPLE TAIL
         "#swtpm_user = \"tss\"\n",
    "/dev/urandom" },
  { "arch: nothing but comments", CASE_APPENDED, HEAD EXAMPLE, "/dev/full" },
  { "the module's own package", CASE_SAME,
    HEAD GUIDE "    \"/dev/userfaultfd\", \"/dev/kvmfr0\"\n]\n", NULL },
  { "nixos: written by a program", CASE_INSERTED,
    "namespaces = []\nuser = \"root\"\ncgroup_device_acl = [\"/dev/null\", \"/dev/full\"]\n",
    ", \"/dev/kvmfr0\"" },
  /* As people write it. */
  { "the guide's list without ours", CASE_INSERTED, HEAD GUIDE "    \"/dev/userfaultfd\"\n]\n" TAIL,
    ",\n    \"/dev/kvmfr0\"" },
  { "a comma at the end", CASE_INSERTED, GUIDE "    \"/dev/userfaultfd\",\n]\n",
    ",\n    \"/dev/kvmfr0\"" },
  { "input devices for evdev", CASE_INSERTED,
    "cgroup_device_acl = [\n\t\"/dev/null\",\n\t\"/dev/kvm\",\n"
    "\t\"/dev/input/by-id/usb-Some_Mouse-event-mouse\"\n]\nclear_emulator_capabilities = 0\n",
    ",\n\t\"/dev/kvmfr0\"" },
  { "on one line with a comment after it", CASE_INSERTED,
    "cgroup_device_acl = [ \"/dev/null\", \"/dev/kvm\" ]   # for the mouse\nuser = \"root\"\n",
    ", \"/dev/kvmfr0\"" },
  { "no blanks at all", CASE_INSERTED, "cgroup_device_acl=[\"/dev/null\",\"/dev/kvm\"]",
    ", \"/dev/kvmfr0\"" },
  { "an empty list", CASE_INSERTED, "cgroup_device_acl = []\n", "\"/dev/kvmfr0\"" },
  { "an empty list of two lines", CASE_INSERTED, "cgroup_device_acl = [\n]\n", "\"/dev/kvmfr0\"" },
  { "single quotes", CASE_INSERTED, "cgroup_device_acl = ['/dev/null', '/dev/kvm']\n",
    ", \"/dev/kvmfr0\"" },
  { "ours in single quotes", CASE_SAME, "cgroup_device_acl = ['/dev/null', '/dev/kvmfr0']\n",
    NULL },
  { "three quotes", CASE_INSERTED, "cgroup_device_acl = [\"\"\"/dev/null\"\"\", \"/dev/kvm\"]\n",
    ", \"/dev/kvmfr0\"" },
  { "the next device", CASE_INSERTED, "cgroup_device_acl = [ \"/dev/kvmfr01\" ]\n",
    ", \"/dev/kvmfr0\"" },
  { "ours in a comment only", CASE_APPENDED,
    "# cgroup_device_acl = [ \"/dev/kvmfr0\" ]\nuser = \"a\"\n", "/dev/userfaultfd" },
  { "an example with ours added", CASE_APPENDED,
    "# cgroup_device_acl = [ \"/dev/null\", \"/dev/full\", \"/dev/zero\", \"/dev/random\", "
    "\"/dev/urandom\", \"/dev/ptmx\", \"/dev/kvm\", \"/dev/kvmfr0\" ]\n",
    "/dev/kvm" },
  { "an example that was cut", CASE_APPENDED,
    "#cgroup_device_acl = [\n#    \"/dev/null\",\n#]\nuser = \"root\"\n", "/dev/kvm" },
  { "an example without an end", CASE_APPENDED, "#cgroup_device_acl = [\n#    \"/dev/null\",\n",
    "/dev/urandom" },
  { "an example with words in it", CASE_APPENDED,
    "#cgroup_device_acl = [ \"/dev/null\", \"/dev/full\", \"/dev/zero\", \"/dev/random\", "
    "\"/dev/urandom\", \"/dev/ptmx\", \"/dev/kvm\", \"your device\" ]\n",
    "/dev/userfaultfd" },
  { "list broken anywhere", CASE_INSERTED,
    "cgroup_device_acl =   [\n\n  \"/dev/null\"\n ,\n\n\"/dev/kvm\"\n\n]\n", ",\n\"/dev/kvmfr0\"" },
  { "commas first", CASE_INSERTED, "cgroup_device_acl = [\n  \"/dev/null\"\n  , \"/dev/kvm\"\n]\n",
    ",\n  \"/dev/kvmfr0\"" },
  { "CRLF", CASE_APPENDED, "# Windows wrote this\r\nuser = \"root\"\r\n", "/dev/ptmx" },
  { "CRLF in the list", CASE_INSERTED,
    "cgroup_device_acl = [\r\n  \"/dev/null\",\r\n  \"/dev/kvm\"\r\n]\r\n",
    ",\r\n  \"/dev/kvmfr0\"" },
  { "CR alone", CASE_INSERTED, "user = \"root\"\rcgroup_device_acl = [ \"/dev/kvm\" ]\r",
    ", \"/dev/kvmfr0\"" },
  { "no newline at the end", CASE_APPENDED, HEAD "user = \"root\"", "/dev/zero" },
  { "a comment without a newline", CASE_APPENDED, "user = \"root\"\n# the end", "/dev/zero" },
  { "nothing", CASE_APPENDED, "", "/dev/kvm" },
  { "settings between semicolons", CASE_INSERTED,
    "user = \"a\" ; cgroup_device_acl = [ \"/dev/kvm\" ] ; group = \"b\"\n", ", \"/dev/kvmfr0\"" },
  { "settings whose names begin alike", CASE_APPENDED,
    "cgroup_device_acl_x = [ \"/dev/kvm\" ]\nxcgroup_device_acl = 1\n", "/dev/kvm" },
  { "the name in a string", CASE_APPENDED, "user = \"cgroup_device_acl = [\"\n", "/dev/kvm" },
  { "the name in a long string", CASE_APPENDED,
    "spice_password = \"\"\"x\ncgroup_device_acl = [ \"/dev/kvm\" ]\n\"\"\"\n", "/dev/kvm" },
  { "a number sign in a string", CASE_INSERTED,
    "spice_password = \"#1\"\ncgroup_device_acl = [ \"#/dev/kvm\" ]\n", ", \"/dev/kvmfr0\"" },
  { "numbers", CASE_APPENDED, "max_files = 32768\nmax_core = -1\nkeepalive_count = +5\n",
    "/dev/kvm" },
  { "a list in a list elsewhere", CASE_APPENDED, "capability_filters = [ [ \"a\" ], 1 ]\n", NULL },
  { "letters of other alphabets", CASE_INSERTED,
    "# Speicher f\xc3\xbcr Windows \xf0\x9f\xaa\x9f, caf\xe9\ncgroup_device_acl = [ \"/dev/kvm\" "
    "]\n",
    ", \"/dev/kvmfr0\"" },
  /* What libvirt does not start with. */
  { "a comment in the list", CASE_REFUSED,
    "cgroup_device_acl = [\n  \"/dev/null\", # nothing\n  \"/dev/kvm\"\n]\n", "line 2" },
  { "a comment before the end", CASE_REFUSED,
    "cgroup_device_acl = [\n  \"/dev/kvm\"\n  # more\n]\n", "line 3: A comment" },
  { "no comma", CASE_REFUSED, "cgroup_device_acl = [ \"/dev/null\" \"/dev/kvm\" ]\n", "commas" },
  { "two commas", CASE_REFUSED, "cgroup_device_acl = [ \"/dev/null\",, \"/dev/kvm\" ]\n",
    "line 1" },
  { "no end of the list", CASE_REFUSED, "user = \"root\"\ncgroup_device_acl = [ \"/dev/kvm\"\n",
    "line 3" },
  { "no end of the string", CASE_REFUSED, "cgroup_device_acl = [ \"/dev/kvm ]\nuser = \"root\"\n",
    "line 1: A string has no end" },
  { "no end of a long string", CASE_REFUSED, "user = \"\"\"root\n\n\n", "A string has no end" },
  { "no end of a string elsewhere", CASE_REFUSED,
    "cgroup_device_acl = [ \"/dev/kvm\" ]\nuser = \"root\n", "line 2" },
  { "quotes that do not match", CASE_REFUSED, "cgroup_device_acl = [ '/dev/kvm\" ]\n", "line 1" },
  { "a string for a list", CASE_REFUSED, "cgroup_device_acl = \"/dev/kvm\"\n", "no list" },
  { "a number for a list", CASE_REFUSED, "cgroup_device_acl = 1\n", "no list" },
  { "a number in the list", CASE_REFUSED, "cgroup_device_acl = [ \"/dev/kvm\", 1 ]\n", "no list" },
  { "a list in the list", CASE_REFUSED, "cgroup_device_acl = [ [ \"/dev/kvm\" ] ]\n", "no list" },
  { "nothing for a list", CASE_REFUSED, "cgroup_device_acl =\nuser = \"root\"\n", "line 1" },
  { "no equals sign", CASE_REFUSED, "cgroup_device_acl [ \"/dev/kvm\" ]\n", "“=”" },
  { "words after the list", CASE_REFUSED, "cgroup_device_acl = [ \"/dev/kvm\" ] yes\n", "follows" },
  { "another language", CASE_REFUSED, "[qemu]\nuser: root\n", "No setting begins like this" },
  { "a word without quotes", CASE_REFUSED, "user = root\n", "no value" },
  { "a sign without a number", CASE_REFUSED, "max_core = -\n", "no digits" },
  { "a merge that went wrong", CASE_REFUSED,
    "<<<<<<< mine\ncgroup_device_acl = [ \"/dev/kvm\" ]\n=======\n>>>>>>> theirs\n", "line 1" },
  /* What is not certain. */
  { "set twice", CASE_STRICT,
    "cgroup_device_acl = [ \"/dev/null\" ]\ncgroup_device_acl = [ \"/dev/kvm\" ]\n",
    "line 2: A setting stands there for the second time" },
  { "lists in lists in lists", CASE_STRICT, "x = [[[[[[[[[[[[ 1 ]]]]]]]]]]]]\n", "too many lists" },
};

const guint n_qemu_conf_cases = G_N_ELEMENTS (qemu_conf_cases);

/* A few bytes gone, doubled or replaced by one that means something. */
char *
qemu_conf_mutate (GRand *rand)
{
  static const char alphabet[] = "\"\"'[],,=#;\n\r\t 1-ax";
  const char *text = qemu_conf_cases[g_rand_int_range (rand, 0, n_qemu_conf_cases)].text;
  GString *made = g_string_new (text);

  for (int n = g_rand_int_range (rand, 1, 4); n > 0 && made->len > 0; n--)
    {
      gsize at = g_rand_int_range (rand, 0, made->len);
      gsize few = g_rand_int_range (rand, 1, 4);
      char letter = alphabet[g_rand_int_range (rand, 0, sizeof alphabet - 1)];

      if (g_rand_boolean (rand))
        g_string_erase (made, at, MIN (made->len - at, few));
      else if (g_rand_boolean (rand))
        g_string_insert_c (made, at, letter);
      else
        made->str[at] = letter;
    }
  return g_string_free (made, FALSE);
}
