# Every specification against every kind of value; the sum is that of the language reference.
import binascii
out = []
specs=['','d','x','X','o','b','#x','+d',' d','05d','5d','<5','>8','^9','=+8','*^12','_d',',','08,','_x','#010b','c','n','e','.2f','10.3f','+.1f','.0f','#.0f','g','.3g','#g','%','.1%','010.2f',',.2f','_.3f','z.1f','é>9','٣','.٢f','s','.3','10.3','<10s','F','G','E','.10','+','-',' ','0','=','^','1.','.3_f','.6,f','.4,g','012_.5_f']
vals=[0,1,-1,5,-5,255,-255,10**6,-10**9,2**40,-2**70,True,0.0,-0.0,1.5,-1.5,1e100,1e-7,123456.789,-0.04,float('inf'),float('-inf'),float('nan'),'','a','abc','héé','世界x',65,1/3]
for v in vals:
    for s in specs:
        try: r=format(v,s)
        except Exception as e: r=type(e).__name__+' '+str(e)
        out.append(f"{v!r} {s} {r!r}")
class I(int):
    def __format__(s,x): return 'I!'
class F(float): pass
print(f'{I(5):d} {F(2.5):.2f} {F(1)}', '{:{}}'.format(3,'>4'), '{0:.1f}|{1:5}'.format(2.25,'x'))
print(len(out), binascii.crc32("\n".join(out).encode()))
# expect: I! 2.50 1.0    3 2.2|x    
# expect: 1800 1359541180
