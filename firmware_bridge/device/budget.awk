# Reads `avr-size -A`, prints what of the chip is used, and fails above what may be.
/^\.(text|data|bootloader) / { flash += $2 }
/^\.(data|bss|noinit) / { ram += $2 }
END {
    printf "firmware for the ATmega328P: flash %d of at most %d bytes, static RAM %d of at most %d bytes\n",
        flash, most_flash, ram, most_ram
    if (flash == 0 || flash > most_flash || ram > most_ram) {
        print "the firmware is too large" > "/dev/stderr"
        exit 1
    }
}
