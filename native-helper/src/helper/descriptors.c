#include "descriptors.h"

#include <unistd.h>

void descriptors_keep(const int *kept, size_t count)
{
	int next = 3;

	for (;;) {
		int lowest = -1;

		for (size_t i = 0; i < count; i++)
			if (kept[i] >= next && (lowest < 0 || kept[i] < lowest))
				lowest = kept[i];
		if (lowest != next)
			(void)close_range((unsigned int)next, lowest < 0 ? ~0U : (unsigned int)lowest - 1, 0);
		if (lowest < 0)
			return;
		next = lowest + 1;
	}
}
